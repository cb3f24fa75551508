#include "conv_pool.h"

// A whole small network in one pass: conv2d + bias + ReLU + max-pool + flatten + dense + bias (+ softmax). A
// threadgroup has all filters of its images, and a simdgroup finishes an image. Macros: see conv_pool.h; SLICES is 1.
// Threadgroup memory: SUM_UNITS * PARTIAL_STRIDE floats, FILTERS * FILTER_STRIDE, and GROUP_IMAGES * UNITS.

[[max_total_threads_per_threadgroup(THREADS)]] kernel void conv_pool_dense(
    device const TYPE* x [[buffer(0)]], device const TYPE* filters [[buffer(1)]],
    device const TYPE* conv_bias [[buffer(2)]], device const float* dense [[buffer(3)]],
    device const TYPE* dense_bias [[buffer(4)]], device TYPE* y [[buffer(5)]],
    threadgroup float* partials [[threadgroup(0)]], threadgroup float* factors [[threadgroup(1)]],
    threadgroup float* logits [[threadgroup(2)]], uint group [[threadgroup_position_in_grid]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint first_image = group * GROUP_IMAGES;
  stage_factors(filters, conv_bias, factors, index);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float sums[IMAGES][UNITS];
  add_filters(x, factors, dense, first_image, 0, sums, index);
  add_threads(sums, partials, logits, first_image, index);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint i = simdgroup; i < GROUP_IMAGES; i += SIMDGROUPS) {
    const uint image = first_image + i;
    if (image >= BATCH) break;
    const float logit = lane < UNITS ? load(dense_bias[lane]) + logits[i * UNITS + lane] : 0.0f;
    write_image(logit, y + ulong(image) * UNITS, lane);
  }
}
