#include "prelude.h"

// What conv_pool_dense.metal and conv_pool_slices.metal share: conv2d + bias + ReLU + max-pool, and
// every pooled value times its dense weights. Neither the feature map nor the pooled one is ever
// written.
//
// A thread keeps the patch of the image under one pooled pixel in registers, for IMAGES images at
// once, and walks over filters: the convolution's values of the pool window stay in registers, and
// their maximum goes straight into the sums of the dense layer, whose weights are read once for all
// images of the thread. LANES threads share the pixels of their images, SPLITS of these and SLICES
// threadgroups their filters; then they add up their sums in a fixed order. A threadgroup has
// GROUPS such sets of images, which read the same dense weights at about the same time.
//
// Taps come from threadgroup memory, or, where SLICES leave a thread few filters, from device
// memory without a barrier.
//
// Macros: TYPE, BATCH, HEIGHT, WIDTH, CHANNELS, KERNEL_Y, KERNEL_X, STRIDE_Y, STRIDE_X, PAD_Y,
// PAD_X, FILTERS, WINDOW_Y, WINDOW_X, POOL_Y, POOL_X (strides of the pool), POOLED_Y, POOLED_X,
// UNITS, SOFTMAX, IMAGES, LANES, SPLITS, GROUPS, SLICES, SUM_UNITS (units that are added up at
// once), REDUCERS (threads that add up one sum: a power of two, at most 32).

#define PATCH_Y ((WINDOW_Y - 1) * STRIDE_Y + KERNEL_Y)
#define PATCH_X ((WINDOW_X - 1) * STRIDE_X + KERNEL_X)
#define PATCH_ROW (PATCH_X * CHANNELS)
#define PATCH (PATCH_Y * PATCH_ROW)
/** Whether a patch may reach over the edge of the image. */
#define PADDED                                                                        \
  (PAD_Y > 0 || PAD_X > 0 || (POOLED_Y - 1) * POOL_Y * STRIDE_Y + PATCH_Y > HEIGHT || \
   (POOLED_X - 1) * POOL_X * STRIDE_X + PATCH_X > WIDTH)
#define TAPS (KERNEL_Y * KERNEL_X * CHANNELS)
/** Of a filter: its taps and the bias behind them, in whole float4. */
#define FILTER_STRIDE ((TAPS + 4) / 4 * 4)
#define WINDOW (WINDOW_Y * WINDOW_X)
#define PIXELS (POOLED_Y * POOLED_X)
#define SET_THREADS (LANES * SPLITS)
#define THREADS ((SET_THREADS * GROUPS + 31) / 32 * 32)
#define SIMDGROUPS (THREADS / 32)
#define GROUP_IMAGES (IMAGES * GROUPS)
/** Filters that one thread walks over. */
#define FILTERS_EACH ((FILTERS + SPLITS * SLICES - 1) / (SPLITS * SLICES))
/** Rows are set apart so that reducers of neighbouring units use different banks. */
#define PARTIAL_STRIDE (THREADS + REDUCERS)

#if SLICES == 1
typedef threadgroup const float* Factors;

/** FILTERS * FILTER_STRIDE floats of threadgroup memory: the taps of every filter, its bias behind
 * them. */
inline void stage_factors(device const TYPE* filters, device const TYPE* conv_bias,
                          threadgroup float* factors, uint index) {
  for (uint i = index; i < FILTERS * (TAPS + 1); i += THREADS) {
    const uint factor = i / FILTERS;
    const uint filter = i % FILTERS;
    factors[filter * FILTER_STRIDE + factor] =
        factor < TAPS ? load(filters[factor * FILTERS + filter]) : load(conv_bias[filter]);
  }
}

/** A filter's taps, and its bias behind them. */
inline void load_filter(Factors staged, uint filter, thread float (&factors)[FILTER_STRIDE]) {
#pragma unroll
  for (int i = 0; i < FILTER_STRIDE / 4; ++i) {
    const float4 four = ((threadgroup const float4*)(staged + filter * FILTER_STRIDE))[i];
    factors[4 * i] = four.x;
    factors[4 * i + 1] = four.y;
    factors[4 * i + 2] = four.z;
    factors[4 * i + 3] = four.w;
  }
}
#else
struct Factors {
  device const TYPE* filters;
  device const TYPE* conv_bias;
};

/** A filter's taps, and its bias behind them. */
inline void load_filter(Factors from, uint filter, thread float (&factors)[FILTER_STRIDE]) {
#pragma unroll
  for (int tap = 0; tap < TAPS; ++tap) factors[tap] = load(from.filters[tap * FILTERS + filter]);
  factors[TAPS] = load(from.conv_bias[filter]);
}
#endif

/** The patch under the pooled pixel (y, x), zeros outside of the image. */
inline void load_patch(device const TYPE* image, int y, int x, thread float (&patch)[PATCH]) {
#pragma unroll
  for (int r = 0; r < PATCH_Y; ++r) {
#pragma unroll
    for (int c = 0; c < PATCH_ROW; ++c) {
      const int row = y * (POOL_Y * STRIDE_Y) - PAD_Y + r;
      const int column = x * (POOL_X * STRIDE_X) - PAD_X + c / CHANNELS;
      const bool inside = !PADDED || (row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH);
      patch[r * PATCH_ROW + c] =
          inside ? load(image[(row * WIDTH + column) * CHANNELS + c % CHANNELS]) : 0.0f;
    }
  }
}

/**
 * ReLU of the largest value of one filter in the pool window, for every image. Images are inside of
 * taps: operations in a row then share a factor.
 * @param worst the largest bits of any value so far, by which a negative NaN is known
 */
inline void convolve(thread const float (&patches)[IMAGES][PATCH],
                     thread const float (&factors)[FILTER_STRIDE], thread float (&results)[IMAGES],
                     thread uint (&worst)[IMAGES]) {
  // Adding the bias keeps the order of values, so it may come before the maximum.
  float values[IMAGES][WINDOW];
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
    for (int w = 0; w < WINDOW; ++w) values[i][w] = factors[TAPS];
  }
#pragma unroll
  for (int tap = 0; tap < TAPS; ++tap) {
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
      for (int w = 0; w < WINDOW; ++w) {
        const int row = w / WINDOW_X * STRIDE_Y + tap / (KERNEL_X * CHANNELS);
        const int column = w % WINDOW_X * STRIDE_X * CHANNELS + tap % (KERNEL_X * CHANNELS);
        values[i][w] = fma(patches[i][row * PATCH_ROW + column], factors[tap], values[i][w]);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
    // Positive floats are ordered as integers are, below them all negative ones, above them a
    // positive NaN. A negative NaN is larger than all others as an unsigned number.
    int most = 0;
#pragma unroll
    for (int w = 0; w < WINDOW; ++w) {
      most = max(most, as_type<int>(values[i][w]));
      worst[i] = max(worst[i], as_type<uint>(values[i][w]));
    }
    results[i] = as_type<float>(most);
  }
}

/** The dense weights of one filter at one pixel, for all units. @param place of both among FILTERS
 * * PIXELS */
inline void load_weights(device const float* dense, uint place, thread float (&weights)[UNITS]) {
#pragma unroll
  for (int u = 0; u < UNITS / 4 * 4; u += 4) {
    const float4 four = ((device const float4*)(dense + u * (FILTERS * PIXELS)))[place];
    weights[u] = four.x;
    weights[u + 1] = four.y;
    weights[u + 2] = four.z;
    weights[u + 3] = four.w;
  }
#if UNITS % 4 >= 2
  const float2 two = ((device const float2*)(dense + UNITS / 4 * 4 * (FILTERS * PIXELS)))[place];
  weights[UNITS / 4 * 4] = two.x;
  weights[UNITS / 4 * 4 + 1] = two.y;
#endif
#if UNITS % 2 == 1
  weights[UNITS - 1] = dense[(UNITS - 1) * (FILTERS * PIXELS) + place];
#endif
}

/** The thread's share of the sums of the dense layer: of its filters from `first_filter` of the
 * threadgroup on. */
inline void add_filters(device const TYPE* x, Factors factors, device const float* dense,
                        uint first_image, uint first_filter, thread float (&sums)[IMAGES][UNITS],
                        uint index) {
  uint worst[IMAGES];
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
    worst[i] = 0;
#pragma unroll
    for (int u = 0; u < UNITS; ++u) sums[i][u] = 0.0f;
  }
  const uint set = index / SET_THREADS;
  const uint own_filter = first_filter + index % SET_THREADS / LANES * FILTERS_EACH;
  const int left = FILTERS - int(own_filter);
  const int count = FILTERS % (SPLITS * SLICES) == 0 ? FILTERS_EACH : min(left, FILTERS_EACH);
  for (uint pixel = index % LANES; set < GROUPS && pixel < PIXELS; pixel += LANES) {
    float patches[IMAGES][PATCH];
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) {
      // The last threadgroup may have fewer images: it takes one of them again.
      const uint image = min(first_image + set * IMAGES + uint(i), uint(BATCH - 1));
      load_patch(x + ulong(image) * (HEIGHT * WIDTH * CHANNELS), int(pixel / POOLED_X),
                 int(pixel % POOLED_X), patches[i]);
    }
    for (int f = 0; f < count; ++f) {
      const uint filter = own_filter + uint(f);
      float weights[UNITS];
      load_weights(dense, filter * PIXELS + pixel, weights);
      float taps[FILTER_STRIDE];
      load_filter(factors, filter, taps);
      float values[IMAGES];
      convolve(patches, taps, values, worst);
#pragma unroll
      for (int u = 0; u < UNITS; ++u) {
#pragma unroll
        for (int i = 0; i < IMAGES; ++i) sums[i][u] = fma(values[i], weights[u], sums[i][u]);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
    // A negative NaN makes its image's sums NaN, as a positive one has done by itself.
    const bool is_nan = worst[i] > 0xff800000u;
#pragma unroll
    for (int u = 0; u < UNITS; ++u) sums[i][u] = is_nan ? as_type<float>(0x7fc00000u) : sums[i][u];
  }
}

/**
 * Adds up the sums of all threads of a set of images, by way of SUM_UNITS * PARTIAL_STRIDE floats
 * of threadgroup memory: logits[image of the threadgroup, unit] where the threadgroup has all
 * filters, else logits[image, unit].
 */
inline void add_threads(thread const float (&sums)[IMAGES][UNITS], threadgroup float* partials,
#if SLICES == 1
                        threadgroup float* logits,
#else
                        device float* logits,
#endif
                        uint first_image, uint index) {
  const uint outputs = GROUPS * SUM_UNITS;
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
    for (int first_unit = 0; first_unit < UNITS; first_unit += SUM_UNITS) {
      if (i > 0 || first_unit > 0) {
        threadgroup_barrier(mem_flags::mem_threadgroup);
      }
#pragma unroll
      for (int u = 0; u < SUM_UNITS; ++u) {
        if (first_unit + u < UNITS) partials[u * PARTIAL_STRIDE + index] = sums[i][first_unit + u];
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (uint first = 0; first < outputs; first += THREADS / REDUCERS) {
        const uint output = first + index / REDUCERS;
        const uint inside = min(output, outputs - 1);
        const uint unit = inside % SUM_UNITS;
        const uint set = inside / SUM_UNITS;
        float sum = 0.0f;
        for (uint j = index % REDUCERS; j < SET_THREADS; j += REDUCERS) {
          sum += partials[unit * PARTIAL_STRIDE + set * SET_THREADS + j];
        }
#pragma unroll
        for (ushort step = REDUCERS / 2; step > 0; step /= 2) sum += simd_shuffle_xor(sum, step);
        if (output >= outputs || index % REDUCERS != 0 || first_unit + unit >= UNITS) continue;
        const uint image = set * IMAGES + i;
        if (first_image + image >= BATCH) continue;
        logits[(SLICES == 1 ? image : first_image + image) * UNITS + first_unit + unit] = sum;
      }
    }
  }
}

/** Softmax of an image's logits, which its first UNITS lanes hold, where the network ends with it;
 * writes them. */
inline void write_image(float logit, device TYPE* y, uint lane) {
#if SOFTMAX
  const float most = simd_max(lane < UNITS ? logit : -INFINITY);
  const float power = lane < UNITS ? exp(logit - most) : 0.0f;
  logit = power / simd_sum(power);
#endif
  if (lane < UNITS) y[lane] = store<TYPE>(logit);
}
