#include "prelude.h"

// A whole small network in one pass: conv2d + bias + ReLU + max-pool + flatten + dense + bias (+ softmax). Neither the
// feature map nor the pooled one is ever written.
//
// A thread keeps the patch of the image under one pooled pixel in registers, for IMAGES images at once, and walks over
// filters: the filter's taps come from threadgroup memory, the convolution's values of the pool window stay in
// registers, and their maximum goes straight into the sums of the dense layer, whose weights are read once for all
// images of the thread. LANES threads (a multiple of 32) share the pixels of their images, and SPLITS of these groups
// their filters; at the end they add up their sums in a fixed order, and a simdgroup finishes an image.
//
// Macros: TYPE, BATCH, HEIGHT, WIDTH, CHANNELS, KERNEL_Y, KERNEL_X, STRIDE_Y, STRIDE_X, PAD_Y, PAD_X, FILTERS,
// WINDOW_Y, WINDOW_X, POOL_Y, POOL_X (strides of the pool), POOLED_Y, POOLED_X, UNITS, SOFTMAX, IMAGES, LANES, SPLITS,
// TRANSPOSED (1: dense weights are [UNITS, pixels * FILTERS]).
// Threadgroup memory: FILTERS * (taps + 1) floats, and IMAGES * UNITS floats for each simdgroup.

#define PATCH_Y ((WINDOW_Y - 1) * STRIDE_Y + KERNEL_Y)
#define PATCH_X ((WINDOW_X - 1) * STRIDE_X + KERNEL_X)
#define PATCH (PATCH_Y * PATCH_X * CHANNELS)
#define TAPS (KERNEL_Y * KERNEL_X * CHANNELS)
#define WINDOW (WINDOW_Y * WINDOW_X)
#define PIXELS (POOLED_Y * POOLED_X)
#define THREADS (LANES * SPLITS)
#define SIMDGROUPS (THREADS / 32)
#define SPLIT_FILTERS ((FILTERS + SPLITS - 1) / SPLITS)

/** max(a, b), NaN where one of them is NaN. */
inline float largest(float a, float b) { return a <= b || isnan(b) ? b : a; }

/** The patch under the pooled pixel (y, x), zeros outside of the image. */
inline void load_patch(device const TYPE* image, int y, int x, thread float* patch) {
#pragma unroll
  for (int r = 0; r < PATCH_Y; ++r) {
#pragma unroll
    for (int c = 0; c < PATCH_X * CHANNELS; ++c) {
      const int row = y * (POOL_Y * STRIDE_Y) - PAD_Y + r;
      const int column = x * (POOL_X * STRIDE_X) - PAD_X + c / CHANNELS;
      const bool inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
      patch[r * (PATCH_X * CHANNELS) + c] =
          inside ? load(image[(row * WIDTH + column) * CHANNELS + c % CHANNELS]) : 0.0f;
    }
  }
}

/** ReLU of the largest value of one filter in the pool window. */
inline float convolve(thread const float* patch, thread const float* taps, float bias) {
  // Adding the bias keeps the order of values, so it may come before the maximum.
  float result = 0.0f;
#pragma unroll
  for (int w = 0; w < WINDOW; ++w) {
    float value = bias;
#pragma unroll
    for (int tap = 0; tap < TAPS; ++tap) {
      const int row = w / WINDOW_X * STRIDE_Y + tap / (KERNEL_X * CHANNELS);
      const int column = w % WINDOW_X * STRIDE_X * CHANNELS + tap % (KERNEL_X * CHANNELS);
      value = fma(patch[row * (PATCH_X * CHANNELS) + column], taps[tap], value);
    }
    result = largest(result, value);
  }
  return result;
}

/** Dense weights as [FILTERS][UNITS][pixels] in f32: neighbouring threads read neighbouring values. */
kernel void pack_dense(device const TYPE* weights [[buffer(0)]], device float* packed [[buffer(1)]],
                       uint i [[thread_position_in_grid]]) {
  if (i >= PIXELS * FILTERS * UNITS) return;
  const uint pixel = i % PIXELS;
  const uint unit = i / PIXELS % UNITS;
  const uint filter = i / (PIXELS * UNITS);
  const uint row = pixel * FILTERS + filter;
#if TRANSPOSED
  packed[i] = load(weights[unit * (PIXELS * FILTERS) + row]);
#else
  packed[i] = load(weights[row * UNITS + unit]);
#endif
}

[[max_total_threads_per_threadgroup(THREADS)]] kernel void conv_pool_dense(
    device const TYPE* x [[buffer(0)]], device const TYPE* filters [[buffer(1)]],
    device const TYPE* conv_bias [[buffer(2)]], device const float* dense [[buffer(3)]],
    device const TYPE* dense_bias [[buffer(4)]], device TYPE* y [[buffer(5)]],
    threadgroup float* factors [[threadgroup(0)]], threadgroup float* partials [[threadgroup(1)]],
    uint group [[threadgroup_position_in_grid]], uint index [[thread_index_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]], uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  for (uint i = index; i < FILTERS * (TAPS + 1); i += THREADS) {
    const uint filter = i / (TAPS + 1);
    const uint factor = i % (TAPS + 1);
    factors[i] = factor < TAPS ? load(filters[factor * FILTERS + filter]) : load(conv_bias[filter]);
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);

  const uint first_image = group * IMAGES;
  const uint first_filter = index / LANES * SPLIT_FILTERS;
  const uint end_filter = min(first_filter + SPLIT_FILTERS, uint(FILTERS));
  float sums[IMAGES][UNITS];
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
    for (int u = 0; u < UNITS; ++u) sums[i][u] = 0.0f;
  }
  for (uint pixel = index % LANES; pixel < PIXELS; pixel += LANES) {
    float patches[IMAGES][PATCH];
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) {
      // The last threadgroup may have fewer images: it takes one of them again.
      const uint image = min(first_image + uint(i), uint(BATCH - 1));
      load_patch(x + ulong(image) * (HEIGHT * WIDTH * CHANNELS), int(pixel / POOLED_X),
                 int(pixel % POOLED_X), patches[i]);
    }
    for (uint filter = first_filter; filter < end_filter; ++filter) {
      float taps[TAPS];
#pragma unroll
      for (int tap = 0; tap < TAPS; ++tap) taps[tap] = factors[filter * (TAPS + 1) + tap];
      const float bias = factors[filter * (TAPS + 1) + TAPS];
      float values[IMAGES];
#pragma unroll
      for (int i = 0; i < IMAGES; ++i) values[i] = convolve(patches[i], taps, bias);
      device const float* weights = dense + filter * (UNITS * PIXELS) + pixel;
#pragma unroll
      for (int u = 0; u < UNITS; ++u) {
        const float weight = weights[u * PIXELS];
#pragma unroll
        for (int i = 0; i < IMAGES; ++i) sums[i][u] = fma(values[i], weight, sums[i][u]);
      }
    }
  }

#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
    for (int u = 0; u < UNITS; ++u) {
      const float sum = simd_sum(sums[i][u]);
      if (lane == 0) partials[(simdgroup * IMAGES + uint(i)) * UNITS + uint(u)] = sum;
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint i = simdgroup; i < IMAGES; i += SIMDGROUPS) {
    const uint image = first_image + i;
    if (image >= BATCH) break;
    float logit = 0.0f;
    if (lane < UNITS) {
      logit = load(dense_bias[lane]);
      for (uint s = 0; s < SIMDGROUPS; ++s) logit += partials[(s * IMAGES + i) * UNITS + lane];
    }
#if SOFTMAX
    const float most = simd_max(lane < UNITS ? logit : -INFINITY);
    const float power = lane < UNITS ? exp(logit - most) : 0.0f;
    logit = power / simd_sum(power);
#endif
    if (lane < UNITS) y[image * UNITS + lane] = store<TYPE>(logit);
  }
}
