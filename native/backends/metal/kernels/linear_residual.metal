#include "prelude.h"

// What lies between the two products of a linear training step, in one pass over the predictions: the residual, its
// squares (the loss) and its sums over the rows (the gradient of the bias).
//
// Macros: TYPE. Threadgroups of 8 simdgroups; the lanes of one lie along a row.
// Threadgroup memory: 8 * 32 floats, and 8 floats.

#define ROWS_AT_ONCE 8
#define THREADS (ROWS_AT_ONCE * 32)

/** The sum over the threadgroup, in its first thread; `all` has room for a float of each simdgroup. */
inline float group_sum(float value, threadgroup float* all, uint index, uint lane, uint simdgroup) {
  const float sum = simd_sum(value);
  if (lane == 0) all[simdgroup] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float total = 0.0f;
  if (index == 0) {
    for (uint i = 0; i < ROWS_AT_ONCE; ++i) total += all[i];
  }
  return total;
}

/**
 * residual = predictions - targets. Threadgroup (x, y) takes 32 columns and `sizes.z` rows; it leaves the sum of
 * squares in squares[y * groups.x + x] and the sums of its columns in column_sums[y * columns + column].
 * @param sizes rows, columns, and rows of a threadgroup
 */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void linear_residual(
    device const TYPE* predictions [[buffer(0)]], device const TYPE* targets [[buffer(1)]],
    device TYPE* residual [[buffer(2)]], device float* squares [[buffer(3)]],
    device float* column_sums [[buffer(4)]], constant uint3& sizes [[buffer(5)]],
    threadgroup float* sums [[threadgroup(0)]], threadgroup float* totals [[threadgroup(1)]],
    uint3 group [[threadgroup_position_in_grid]], uint3 groups [[threadgroups_per_grid]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint columns = sizes.y;
  const uint column = group.x * 32 + lane;
  const uint first_row = group.y * sizes.z;
  const uint end_row = min(first_row + sizes.z, sizes.x);
  float square = 0.0f;
  float sum = 0.0f;
  if (column < columns) {
    for (uint row = first_row + simdgroup; row < end_row; row += ROWS_AT_ONCE) {
      const ulong at = ulong(row) * columns + column;
      const float difference = load(predictions[at]) - load(targets[at]);
      square = fma(difference, difference, square);
      sum += difference;
      residual[at] = store<TYPE>(difference);
    }
  }
  sums[simdgroup * 32 + lane] = sum;
  // Its barrier is also that of `sums`.
  const float total = group_sum(square, totals, index, lane, simdgroup);
  if (index == 0) squares[group.y * groups.x + group.x] = total;
  if (simdgroup == 0 && column < columns) {
    for (uint i = 1; i < ROWS_AT_ONCE; ++i) sum += sums[i * 32 + lane];
    column_sums[group.y * columns + column] = sum;
  }
}

/**
 * bias_after = bias - rate * (the sum of column_sums over the rows of threadgroups), 32 columns a threadgroup; the last
 * threadgroup writes loss = (the sum of squares) * scale.
 * @param sizes columns, rows of threadgroups, and number of squares
 * @param factors rate and scale
 */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void linear_finish(
    device const TYPE* bias [[buffer(0)]], device TYPE* bias_after [[buffer(1)]],
    device const float* column_sums [[buffer(2)]], device const float* squares [[buffer(3)]],
    device TYPE* loss [[buffer(4)]], constant uint3& sizes [[buffer(5)]],
    constant float2& factors [[buffer(6)]], threadgroup float* sums [[threadgroup(0)]],
    threadgroup float* totals [[threadgroup(1)]], uint3 group [[threadgroup_position_in_grid]],
    uint3 groups [[threadgroups_per_grid]], uint index [[thread_index_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint columns = sizes.x;
  if (group.x == groups.x - 1) {
    float sum = 0.0f;
    for (uint i = index; i < sizes.z; i += THREADS) sum += squares[i];
    const float total = group_sum(sum, totals, index, lane, simdgroup);
    if (index == 0) loss[0] = store<TYPE>(total * factors.y);
    return;
  }
  const uint column = group.x * 32 + lane;
  float sum = 0.0f;
  if (column < columns) {
    for (uint i = simdgroup; i < sizes.y; i += ROWS_AT_ONCE) sum += column_sums[i * columns + column];
  }
  sums[simdgroup * 32 + lane] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (simdgroup == 0 && column < columns) {
    for (uint i = 1; i < ROWS_AT_ONCE; ++i) sum += sums[i * 32 + lane];
    bias_after[column] = store<TYPE>(load(bias[column]) - factors.x * sum);
  }
}
