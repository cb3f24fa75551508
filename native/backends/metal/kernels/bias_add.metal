#include "prelude.h"

// y = x + bias, one value for each column of a matrix. Macros: TYPE, COLUMNS, THREADS.

[[max_total_threads_per_threadgroup(THREADS)]] kernel void bias_add(
    device const TYPE* x [[buffer(0)]], device const TYPE* bias [[buffer(1)]],
    device TYPE* y [[buffer(2)]], constant uint& count [[buffer(3)]],
    uint i [[thread_position_in_grid]]) {
  if (i < count) y[i] = store<TYPE>(load(x[i]) + load(bias[i % COLUMNS]));
}
