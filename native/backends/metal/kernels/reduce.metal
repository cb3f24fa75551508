#include "prelude.h"

// Sums in two passes: threadgroups leave partial sums in f32, and a second launch adds these up in a fixed order.
//
// Macros: TYPE. Threadgroups of 8 simdgroups. Threadgroup memory: 8 * 32 floats.

#define SIMDGROUPS 8
#define THREADS (SIMDGROUPS * 32)

/**
 * The sum over the simdgroups of each lane's value, in the lanes of the first one: what a threadgroup whose lanes lie
 * along a row has of its columns.
 */
inline float sum_of_lanes(float value, threadgroup float* all, uint lane, uint simdgroup) {
  all[simdgroup * 32 + lane] = value;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float sum = 0.0f;
  if (simdgroup == 0) {
    for (uint s = 0; s < SIMDGROUPS; ++s) sum += all[s * 32 + lane];
  }
  return sum;
}

/**
 * Threadgroup (x, y) adds 32 columns over `sizes.z` rows: partials[y, column].
 * @param sizes rows, columns, and rows of a threadgroup
 */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void column_sums(
    device const TYPE* x [[buffer(0)]], device float* partials [[buffer(1)]],
    constant uint3& sizes [[buffer(2)]], threadgroup float* all [[threadgroup(0)]],
    uint3 group [[threadgroup_position_in_grid]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint column = group.x * 32 + lane;
  const uint end = min((group.y + 1) * sizes.z, sizes.x);
  float sum = 0.0f;
  if (column < sizes.y) {
    for (uint row = group.y * sizes.z + simdgroup; row < end; row += SIMDGROUPS) {
      sum += load(x[ulong(row) * sizes.y + column]);
    }
  }
  sum = sum_of_lanes(sum, all, lane, simdgroup);
  if (simdgroup == 0 && column < sizes.y) partials[group.y * sizes.y + column] = sum;
}

/** y[column] = scale * the sum over the rows of partials. @param sizes rows and columns of partials */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void finish(
    device const float* partials [[buffer(0)]], device TYPE* y [[buffer(1)]],
    constant uint2& sizes [[buffer(2)]], constant float& scale [[buffer(3)]],
    threadgroup float* all [[threadgroup(0)]], uint group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint column = group * 32 + lane;
  float sum = 0.0f;
  if (column < sizes.y) {
    for (uint row = simdgroup; row < sizes.x; row += SIMDGROUPS) {
      sum += partials[row * sizes.y + column];
    }
  }
  sum = sum_of_lanes(sum, all, lane, simdgroup);
  if (simdgroup == 0 && column < sizes.y) y[column] = store<TYPE>(scale * sum);
}

/** partials[group]: the squares of a - b of a threadgroup, added up. */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void squares(
    device const TYPE* a [[buffer(0)]], device const TYPE* b [[buffer(1)]],
    device float* partials [[buffer(2)]], constant uint& count [[buffer(3)]],
    threadgroup float* all [[threadgroup(0)]], uint group [[threadgroup_position_in_grid]],
    uint groups [[threadgroups_per_grid]], uint index [[thread_index_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  typedef vec<TYPE, 4> Vector;
  device const Vector* left = (device const Vector*)a;
  device const Vector* right = (device const Vector*)b;
  const uint vectors = count / 4;
  float sum = 0.0f;
#pragma unroll 4
  for (uint i = group * THREADS + index; i < vectors; i += groups * THREADS) {
    const Vector p = left[i];
    const Vector q = right[i];
    for (int j = 0; j < 4; ++j) {
      const float difference = load(p[j]) - load(q[j]);
      sum = fma(difference, difference, sum);
    }
  }
  // What is left of a vector at the end.
  const uint rest = vectors * 4 + index;
  if (group == 0 && rest < count) {
    const float difference = load(a[rest]) - load(b[rest]);
    sum = fma(difference, difference, sum);
  }
  const float total = simd_sum(sum_of_lanes(sum, all, lane, simdgroup));
  if (index == 0) partials[group] = total;
}

/** y[0] = scale * the sum of `count` partials, in one threadgroup. */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void finish_one(
    device const float* partials [[buffer(0)]], device TYPE* y [[buffer(1)]],
    constant uint& count [[buffer(2)]], constant float& scale [[buffer(3)]],
    threadgroup float* all [[threadgroup(0)]], uint index [[thread_index_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  float sum = 0.0f;
  for (uint i = index; i < count; i += THREADS) sum += partials[i];
  const float total = simd_sum(sum_of_lanes(sum, all, lane, simdgroup));
  if (index == 0) y[0] = store<TYPE>(scale * total);
}
