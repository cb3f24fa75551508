#include "prelude.h"

// y = x + bias, one value for each column of a matrix. Macros: TYPE, COLUMNS, VECTOR (values that a thread moves in one
// access: 4 where that divides the columns, else 1), THREADS.

/** @param count of values */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void bias_add(
    device const TYPE* x [[buffer(0)]], device const TYPE* bias [[buffer(1)]],
    device TYPE* y [[buffer(2)]], constant uint& count [[buffer(3)]],
    uint i [[thread_position_in_grid]]) {
  if (i >= count / VECTOR) return;
#if VECTOR == 4
  typedef vec<TYPE, 4> Vector;
  const Vector p = ((device const Vector*)x)[i];
  const Vector q = ((device const Vector*)bias)[i % (COLUMNS / 4)];
  Vector r;
  for (int j = 0; j < 4; ++j) r[j] = store<TYPE>(load(p[j]) + load(q[j]));
  ((device Vector*)y)[i] = r;
#else
  y[i] = store<TYPE>(load(x[i]) + load(bias[i % COLUMNS]));
#endif
}
