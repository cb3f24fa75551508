#include "prelude.h"

// Softmax of every row of a matrix: SIMDGROUPS simdgroups take a row, ROWS of these groups lie in a threadgroup. A thread
// keeps its VALUES values of a row in registers, so that the row is read once. A row that is too long for that (VALUES is
// 0) is read twice: one pass finds the largest value and the sum of powers together, a second one writes.
//
// Macros: TYPE, SIMDGROUPS, ROWS (1 where SIMDGROUPS is more), VALUES.
// Threadgroup memory: two floats for each simdgroup.

#define LANES (SIMDGROUPS * 32)
#define THREADS (LANES * ROWS)

/** @param sizes rows and columns */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void softmax(
    device const TYPE* x [[buffer(0)]], device TYPE* y [[buffer(1)]],
    constant uint2& sizes [[buffer(2)]], threadgroup float* largest [[threadgroup(0)]],
    threadgroup float* sums [[threadgroup(1)]], uint group [[threadgroup_position_in_grid]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint columns = sizes.y;
  const uint row = group * ROWS + (ROWS > 1 ? simdgroup : 0u);
  const uint first = ROWS > 1 ? lane : index;
  const bool inside = row < sizes.x;
  const ulong start = ulong(row) * columns;

#if VALUES > 0
  float values[VALUES];
  float most = -INFINITY;
#pragma unroll
  for (int i = 0; i < VALUES; ++i) {
    const uint column = first + i * LANES;
    values[i] = inside && column < columns ? load(x[start + column]) : -INFINITY;
    most = max(most, values[i]);
  }
  most = simd_max(most);
#if SIMDGROUPS > 1
  if (lane == 0) largest[simdgroup] = most;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint s = 0; s < SIMDGROUPS; ++s) most = max(most, largest[s]);
#endif
  float sum = 0.0f;
#pragma unroll
  for (int i = 0; i < VALUES; ++i) {
    values[i] = exp(values[i] - most);
    sum += values[i];
  }
  sum = simd_sum(sum);
#if SIMDGROUPS > 1
  if (lane == 0) sums[simdgroup] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  sum = 0.0f;
  for (uint s = 0; s < SIMDGROUPS; ++s) sum += sums[s];
#endif
  const float scale = 1.0f / sum;
#pragma unroll
  for (int i = 0; i < VALUES; ++i) {
    const uint column = first + i * LANES;
    if (inside && column < columns) y[start + column] = store<TYPE>(values[i] * scale);
  }
#else
  // Powers are relative to the largest value so far: a larger one shrinks the sum.
  float most = -INFINITY;
  float sum = 0.0f;
  for (uint i = first; inside && i < columns; i += LANES) {
    const float value = load(x[start + i]);
    const float next = max(most, value);
    sum = (most < next ? sum * exp(most - next) : sum) + exp(value - next);
    most = next;
  }
  float total_most = simd_max(most);
  float total = simd_sum(most == -INFINITY ? sum : sum * exp(most - total_most));
#if SIMDGROUPS > 1
  if (lane == 0) {
    largest[simdgroup] = total_most;
    sums[simdgroup] = total;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  total_most = -INFINITY;
  for (uint s = 0; s < SIMDGROUPS; ++s) total_most = max(total_most, largest[s]);
  total = 0.0f;
  for (uint s = 0; s < SIMDGROUPS; ++s) {
    total += largest[s] == -INFINITY ? sums[s] : sums[s] * exp(largest[s] - total_most);
  }
#endif
  for (uint i = first; inside && i < columns; i += LANES) {
    y[start + i] = store<TYPE>(exp(load(x[start + i]) - total_most) / total);
  }
#endif
}
