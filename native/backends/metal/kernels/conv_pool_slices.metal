#include "conv_pool.h"

// The network of conv_pool_dense.metal for few images: SLICES threadgroups share the filters of a set of images, and a
// second dispatch adds up what they leave. Macros: see conv_pool.h, and FINISH_SIMDGROUPS (of a threadgroup of
// add_slices). Threadgroup memory of conv_pool_slice: SUM_UNITS * PARTIAL_STRIDE floats.

/** slices[slice, image, unit]. Threadgroup (x, y) has the images x and the slice y. */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void conv_pool_slice(
    device const TYPE* x [[buffer(0)]], device const TYPE* filters [[buffer(1)]],
    device const TYPE* conv_bias [[buffer(2)]], device const float* dense [[buffer(3)]],
    device float* slices [[buffer(4)]], threadgroup float* partials [[threadgroup(0)]],
    uint3 group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]]) {
  const uint first_image = group.x * GROUP_IMAGES;
  const Factors factors = {filters, conv_bias};
  float sums[IMAGES][UNITS];
  add_filters(x, factors, dense, first_image, group.y * (FILTERS_EACH * SPLITS), sums, index);
  add_threads(sums, partials, slices + group.y * (BATCH * UNITS), first_image, index);
}

/** Adds up the slices and finishes the images, a simdgroup an image. */
[[max_total_threads_per_threadgroup(FINISH_SIMDGROUPS * 32)]] kernel void add_slices(
    device const float* slices [[buffer(0)]], device const TYPE* dense_bias [[buffer(1)]],
    device TYPE* y [[buffer(2)]], uint group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint image = group * FINISH_SIMDGROUPS + simdgroup;
  if (image >= BATCH) return;
  float logit = 0.0f;
  if (lane < UNITS) {
    logit = load(dense_bias[lane]);
#pragma unroll
    for (int s = 0; s < SLICES; ++s) logit += slices[(s * BATCH + image) * UNITS + lane];
  }
  write_image(logit, y + ulong(image) * UNITS, lane);
}
