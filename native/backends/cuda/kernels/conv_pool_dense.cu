#include "conv_pool.cuh"

// A whole small network in one pass: conv2d + bias + ReLU + max-pool + flatten + dense + bias
// (+ softmax). Neither the feature map nor the pooled one is ever written.
//
// A thread keeps the patch of the image under one pooled pixel in registers, for IMAGES images at
// once, and walks over filters: the filter's taps come from shared memory, the convolution's values
// of the pool window stay in registers, and their maximum goes straight into the sums of the dense
// layer, whose weights are read once for all images of the thread. LANES threads share the pixels
// of their images, SPLITS of these groups and CLUSTER blocks their filters; at the end all of them
// add up their sums in a fixed order. A block has GROUPS such sets of images.
//
// WEIGHTS_SHARED: a block keeps the dense weights in shared memory and takes one set of images
// after another; otherwise they come through the caches, which pays where a block has one set only.
//
// Macros: TYPE, BATCH, HEIGHT, WIDTH, CHANNELS, KERNEL_Y, KERNEL_X, STRIDE_Y, STRIDE_X, PAD_Y,
// PAD_X, FILTERS, WINDOW_Y, WINDOW_X, POOL_Y, POOL_X (strides of the pool), POOLED_Y, POOLED_X,
// UNITS, SOFTMAX, WINOGRAD, WEIGHTS_SHARED, IMAGES, LANES, SPLITS, GROUPS, CLUSTER, UNROLL (filters
// at once in the inner loop), MIN_BLOCKS (a multiprocessor's, at least).

constexpr int kGroupThreads = LANES * SPLITS;
constexpr int kThreads = (kGroupThreads * GROUPS + 31) / 32 * 32;
constexpr int kBlockImages = IMAGES * GROUPS;

/** Filters that one thread walks over. */
constexpr int kFiltersEach = (FILTERS + SPLITS * CLUSTER - 1) / (SPLITS * CLUSTER);
/** Filters whose taps the block needs. */
constexpr int kBlockFilters = kFiltersEach * SPLITS;

/** How many units are read at once from unit `first` on. */
constexpr int runWidth(int first) {
  return UNITS - first >= kWide ? kWide : UNITS - first >= 2 ? 2 : 1;
}

/** Threads that add up one sum of one image. */
constexpr int reducersFor(int sums) {
  int count = 32;
  while (count > 1 && sums * count > kThreads) count /= 2;
  return count;
}
/** Units that are added up at once. */
constexpr int kSumUnits = WEIGHTS_SHARED ? (UNITS + 1) / 2 : UNITS;
constexpr int kReducers = reducersFor(GROUPS * kSumUnits);
/** Rows are set apart so that reducers of neighbouring units use different banks. */
constexpr int kPartialStride = roundUp(kThreads, 32) + kReducers;

struct alignas(16) Shared {
  Sum filters[kBlockFilters * kFilterStride];
  Sum partials[kSumUnits * kPartialStride];
  Sum logits[CLUSTER][kBlockImages][UNITS];
};

__device__ __forceinline__ uint32_t clusterRank() {
  uint32_t rank = 0;
#if CLUSTER > 1
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
#endif
  return rank;
}

__device__ __forceinline__ void clusterArrive() {
#if CLUSTER > 1
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
#endif
}

__device__ __forceinline__ void clusterWait() {
#if CLUSTER > 1
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  __syncthreads();
#endif
}

/** Writes to the same place in the first block of the cluster. */
__device__ __forceinline__ void storeInFirst(Sum* to, Sum value) {
#if CLUSTER > 1
  const uint32_t local = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  uint32_t remote;
  asm("mapa.shared::cluster.u32 %0, %1, 0;" : "=r"(remote) : "r"(local));
  if constexpr (sizeof(Sum) == 8) {
    asm volatile("st.shared::cluster.f64 [%0], %1;" ::"r"(remote), "d"(static_cast<double>(value))
                 : "memory");
  } else {
    asm volatile("st.shared::cluster.f32 [%0], %1;" ::"r"(remote), "f"(static_cast<float>(value))
                 : "memory");
  }
#else
  *to = value;
#endif
}

/** `place`: of the filter and the pixel among the ROWS * kPixels that `weights` holds. */
template <int ROWS, int FIRST, int N>
__device__ __forceinline__ void loadRun(const Sum* weights, int place, Sum (&to)[UNITS]) {
  const auto pack = reinterpret_cast<const Pack<Sum, N>*>(weights + FIRST * ROWS * kPixels)[place];
#pragma unroll
  for (int i = 0; i < N; ++i) to[FIRST + i] = pack.values[i];
}

/** The weights of one filter at one pixel, for all units. */
template <int ROWS, int FIRST = 0>
__device__ __forceinline__ void loadWeights(const Sum* weights, int place, Sum (&to)[UNITS]) {
  constexpr int width = runWidth(FIRST);
  loadRun<ROWS, FIRST, width>(weights, place, to);
  if constexpr (FIRST + width < UNITS) loadWeights<ROWS, FIRST + width>(weights, place, to);
}

/**
 * Dense weights [pixels, FILTERS, UNITS] in the order in which they are read: the units in runs of
 * the widest accesses, each as [FILTERS][pixels][run].
 */
extern "C" __global__ void pack_dense(const TYPE* weights, Sum* packed, int transposed) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= kPixels * FILTERS * UNITS) return;
  const int unit = i % UNITS;
  const int f = i / UNITS % FILTERS;
  const int pixel = i / UNITS / FILTERS;
  int first = 0;
  while (first + runWidth(first) <= unit) first += runWidth(first);
  const int feature = pixel * FILTERS + f;
  packed[(first * FILTERS + f * runWidth(first)) * kPixels + pixel * runWidth(first) + unit -
         first] = load(transposed ? weights[unit * (kPixels * FILTERS) + feature]
                                  : weights[feature * UNITS + unit]);
}

/** Copies the block's part of the packed weights, in their order. */
__device__ __forceinline__ void copyWeights(const Sum* packed, Sum* to, int firstFilter) {
  const int filters = min(kBlockFilters, FILTERS - firstFilter);
  for (int first = 0; first < UNITS; first += runWidth(first)) {
    const int count = filters * kPixels * runWidth(first);
    const Sum* from = packed + (first * FILTERS + firstFilter * runWidth(first)) * kPixels;
    for (int i = static_cast<int>(threadIdx.x) * runWidth(first); i < count;
         i += kThreads * runWidth(first)) {
      const auto copy = [&](auto pack) {
        *reinterpret_cast<decltype(pack)*>(to + first * kBlockFilters * kPixels + i) =
            *reinterpret_cast<const decltype(pack)*>(from + i);
      };
      if (runWidth(first) == kWide) {
        copy(Pack<Sum, kWide>());
      } else if (runWidth(first) == 2) {
        copy(Pack<Sum, 2>());
      } else {
        copy(Sum());
      }
    }
  }
}

/** Adds up the sums of all threads of a set of images, in the first block of the cluster. */
__device__ __forceinline__ void addUp(const Sum (&sums)[IMAGES][UNITS], Shared& shared) {
  constexpr int kOutputs = GROUPS * kSumUnits;
  constexpr int kAtOnce = kThreads / kReducers;
  const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
    for (int firstUnit = 0; firstUnit < UNITS; firstUnit += kSumUnits) {
      if (i > 0 || firstUnit > 0) __syncthreads();
#pragma unroll
      for (int u = 0; u < kSumUnits; ++u) {
        if (firstUnit + u < UNITS) {
          shared.partials[u * kPartialStride + thread] = sums[i][firstUnit + u];
        }
      }
      __syncthreads();
      for (int first = 0; first < kOutputs; first += kAtOnce) {
        const int output = first + thread / kReducers;
        const int inside = min(output, kOutputs - 1);
        const int unit = inside % kSumUnits;
        const Sum* from =
            shared.partials + unit * kPartialStride + inside / kSumUnits * kGroupThreads;
        Sum sum = 0;
        for (int j = thread % kReducers; j < kGroupThreads; j += kReducers) sum += from[j];
#pragma unroll
        for (int step = kReducers / 2; step > 0; step /= 2) {
          sum += __shfl_xor_sync(0xffffffffu, sum, step);
        }
        if (output < kOutputs && thread % kReducers == 0 && firstUnit + unit < UNITS) {
          storeInFirst(
              &shared.logits[clusterRank()][inside / kSumUnits * IMAGES + i][firstUnit + unit],
              sum);
        }
      }
    }
  }
}

/** Bias and softmax of a block's images, a warp an image. */
__device__ __forceinline__ void finish(const Shared& shared, int blockImage, const TYPE* denseBias,
                                       TYPE* y) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int i = static_cast<int>(threadIdx.x) / 32; i < kBlockImages; i += kThreads / 32) {
    const int image = blockImage + i;
    if (image >= BATCH) break;
    Sum logit = 0;
    if (lane < UNITS) {
      logit = load(denseBias[lane]);
#pragma unroll
      for (int r = 0; r < CLUSTER; ++r) logit += shared.logits[r][i][lane];
    }
#if SOFTMAX
    logit = softmaxOfLanes<UNITS>(logit);
#endif
    if (lane < UNITS) y[static_cast<int64_t>(image) * UNITS + lane] = store<TYPE>(logit);
  }
}

#if CLUSTER > 1
#define BLOCKS_OF_CLUSTER __cluster_dims__(CLUSTER, 1, 1)
#else
#define BLOCKS_OF_CLUSTER
#endif
extern "C" __global__ BLOCKS_OF_CLUSTER __launch_bounds__(
    kThreads,
    MIN_BLOCKS) void conv_pool_dense(const TYPE* __restrict__ x, const TYPE* __restrict__ filters,
                                     const TYPE* __restrict__ convBias,
                                     const Sum* __restrict__ weights,
                                     const TYPE* __restrict__ denseBias, TYPE* __restrict__ y) {
  __shared__ Shared shared;
  extern __shared__ __align__(16) unsigned char dynamic[];
  const int thread = static_cast<int>(threadIdx.x);
  const int firstFilter = static_cast<int>(clusterRank()) * kBlockFilters;
  clusterArrive();
#if WEIGHTS_SHARED
  Sum* const sharedWeights = reinterpret_cast<Sum*>(dynamic);
  copyWeights(weights, sharedWeights, firstFilter);
#endif
  for (int i = thread; i < kBlockFilters * (kFactors + 1); i += kThreads) {
    const int f = i / (kFactors + 1);
    const int factor = i % (kFactors + 1);
    if (firstFilter + f < FILTERS) {
      shared.filters[f * kFilterStride + factor] =
          factorOf(filters, convBias, firstFilter + f, factor);
    }
  }
  // Filters and biases are written by the host alone. With WEIGHTS_SHARED, what packs the dense
  // weights has ended before: then no launch overlaps.
  overlapPrevious();
  __syncthreads();

  const int group = thread / kGroupThreads;
  const int firstOfSplit = thread % kGroupThreads / LANES * kFiltersEach;
  const int filtersLeft = FILTERS - firstFilter - firstOfSplit;
  const int count =
      FILTERS % (SPLITS * CLUSTER) == 0 ? kFiltersEach : max(0, min(kFiltersEach, filtersLeft));
  const int step = static_cast<int>(gridDim.x / CLUSTER) * kBlockImages;
  for (int blockImage = static_cast<int>(blockIdx.x / CLUSTER) * kBlockImages; blockImage < BATCH;
       blockImage += step) {
    Sum sums[IMAGES][UNITS] = {};
    if (group < GROUPS) {
      for (int pixel = thread % LANES; pixel < kPixels; pixel += LANES) {
        Sum patches[IMAGES][kPatch];
#pragma unroll
        for (int i = 0; i < IMAGES; ++i) {
          const int image = min(blockImage + group * IMAGES + i, BATCH - 1);
          loadPatch(x + static_cast<int64_t>(image) * (HEIGHT * WIDTH * CHANNELS),
                    pixel / POOLED_X * (POOL_Y * STRIDE_Y), pixel % POOLED_X * (POOL_X * STRIDE_X),
                    patches[i]);
        }
        const Sum* factorsAt = shared.filters + firstOfSplit * kFilterStride;
        int place = (WEIGHTS_SHARED ? firstOfSplit : firstFilter + firstOfSplit) * kPixels + pixel;
#pragma unroll UNROLL
        for (int f = 0; f < count; ++f) {
          Sum weightsOfFilter[UNITS];
#if WEIGHTS_SHARED
          loadWeights<kBlockFilters>(sharedWeights, place, weightsOfFilter);
#else
          loadWeights<FILTERS>(weights, place, weightsOfFilter);
#endif
          Sum factors[kFilterStride];
#pragma unroll
          for (int i = 0; i < kFilterStride; i += kWide) {
            const auto pack = *reinterpret_cast<const Pack<Sum, kWide>*>(factorsAt + i);
#pragma unroll
            for (int j = 0; j < kWide; ++j) factors[i + j] = pack.values[j];
          }
          Sum values[IMAGES];
          convolve(patches, factors, values);
#pragma unroll
          for (int u = 0; u < UNITS; ++u) {
#pragma unroll
            for (int i = 0; i < IMAGES; ++i) {
              sums[i][u] = fma(values[i], weightsOfFilter[u], sums[i][u]);
            }
          }
          factorsAt += kFilterStride;
          place += kPixels;
        }
      }
    }

    clusterWait();
    addUp(sums, shared);
    clusterArrive();
    if (clusterRank() != 0) return;
    clusterWait();
    finish(shared, blockImage, denseBias, y);
  }
}
