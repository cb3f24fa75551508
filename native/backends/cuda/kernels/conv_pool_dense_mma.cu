#include "conv_pool_mma.cuh"

// The network of conv_pool_dense.cu on the matrix units: f16 and bf16, or f32 rounded to TF32.
//
// A warp takes 16 images, one pooled pixel after another. The rows of its products are the images,
// the depth is the whole patch under the pixel; for each place in the pool window the filters are
// set into a patch of zeros, so that one patch in registers serves the whole window. The maximum
// over the window is taken between accumulators. The accumulators of filters are laid out as the
// dense layer's product needs its left operand (where the depth is numbered to suit), so nothing is
// exchanged between threads. A block has TILES times 16 images, whose warps read the same weights
// at about the same time, and SPLITS warps for each, which share the pixels and add up at the end,
// in a fixed order.
//
// Infinite pixels give NaN where they meet a zero of that padding.
//
// Macros: those of conv_pool_dense.cu up to SOFTMAX, without padding; BLOCK_FILTERS (a multiple of
// 16, up to 32), TILES, SPLITS, IMAGE_STRIDE (elements between images in shared memory: a multiple
// of 16 bytes that spreads the images over the banks), MIN_BLOCKS.

/** Filter `f` at element `element` of the patch, with the filter's corner at `place` of the window.
 */
__device__ __forceinline__ float filterAt(const TYPE* filters, int f, int element, int place) {
  const int y = element / kRow - place / WINDOW_X * STRIDE_Y;
  const int x = element % kRow - place % WINDOW_X * STRIDE_X * CHANNELS;
  const bool inside = f < FILTERS && element < kPatch && y >= 0 && y < KERNEL_Y && x >= 0 &&
                      x < KERNEL_X * CHANNELS;
  return inside ? load(filters[(y * KERNEL_X * CHANNELS + x) * FILTERS + f]) : 0.0f;
}

/**
 * Register `half` of a lane for the right factor of one product, `at` giving the values along the
 * depth. TF32's depth is numbered so that a lane has the same two neighbours as at 16 bits.
 */
template <class T, class AT>
__device__ __forceinline__ uint32_t factorBits(const AT& at, int step, int lane, int half) {
  if constexpr (sizeof(T) == 4) {
    return roundToTf32(at(step * 8 + lane % 4 * 2 + half));
  } else {
    const int first = step * 16 + half * 8 + lane % 4 * 2;
    return pair<T>(at(first), at(first + 1));
  }
}

/** [block of filters][register][lane] */
extern "C" __global__ void pack_filters(const TYPE* filters, uint32_t* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= kFilterBlocks * kFilterRegisters * 32) return;
  const int lane = i % 32;
  const int half = i / 32 % 2;
  const int step = i / 64 % kSteps;
  const int column = i / 64 / kSteps % kColumns;
  const int place = i / 64 / kSteps / kColumns % kWindow;
  const int f = i / (32 * kFilterRegisters) * BLOCK_FILTERS + column * 8 + lane / 4;
  packed[i] = factorBits<TYPE>([&](int element) { return filterAt(filters, f, element, place); },
                               step, lane, half);
}

/** [block of filters][pixel][registers / wide][lane][wide] */
extern "C" __global__ void pack_dense(const TYPE* weights, uint32_t* packed, int transposed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= kFilterBlocks * kPixels * kDenseRegisters * 32) return;
  const int lane = i / kDenseWide % 32;
  const int index =
      i / (32 * kDenseWide) % (kDenseRegisters / kDenseWide) * kDenseWide + i % kDenseWide;
  const int pixel = i / (32 * kDenseRegisters) % kPixels;
  const int block = i / (32 * kDenseRegisters) / kPixels;
  const int half = index % 2;
  const int unit = index / 2 % kUnitColumns * 8 + lane / 4;
  const int step = index / 2 / kUnitColumns;
  const auto weight = [&](int filter) {
    const int f = block * BLOCK_FILTERS + filter;
    if (f >= FILTERS || unit >= UNITS) return 0.0f;
    const int feature = pixel * FILTERS + f;
    return static_cast<float>(load(transposed ? weights[unit * (kPixels * FILTERS) + feature]
                                              : weights[feature * UNITS + unit]));
  };
  packed[i] = factorBits<TYPE>(weight, step, lane, half);
}

/** Copies the block's images to shared memory; past the end of the batch, the last one again. */
__device__ __forceinline__ void stageImages(const TYPE* x, TYPE* staged, int firstImage) {
  constexpr int kBytes = kImageElements * sizeof(TYPE);
  if constexpr (kBytes % 16 == 0) {
    constexpr int kChunks = kBytes / 16;
    for (int i = threadIdx.x; i < kImages * kChunks; i += kThreads) {
      const int image = i / kChunks;
      const int chunk = i % kChunks * (16 / static_cast<int>(sizeof(TYPE)));
      const TYPE* from =
          x + static_cast<int64_t>(min(firstImage + image, BATCH - 1)) * kImageElements + chunk;
      const uint32_t to =
          static_cast<uint32_t>(__cvta_generic_to_shared(staged + image * IMAGE_STRIDE + chunk));
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
    }
    asm volatile("cp.async.wait_all;" ::: "memory");
  } else {
    for (int i = threadIdx.x; i < kImages * kImageElements; i += kThreads) {
      const int image = i / kImageElements;
      const int element = i % kImageElements;
      staged[image * IMAGE_STRIDE + element] =
          x[static_cast<int64_t>(min(firstImage + image, BATCH - 1)) * kImageElements + element];
    }
  }
}

extern "C" __global__ __launch_bounds__(kThreads, MIN_BLOCKS) void conv_pool_dense_mma(
    const TYPE* __restrict__ x, const uint32_t* __restrict__ filters,
    const TYPE* __restrict__ convBias, const uint32_t* __restrict__ weights,
    const TYPE* __restrict__ denseBias, TYPE* __restrict__ y) {
  extern __shared__ __align__(16) unsigned char dynamic[];
  TYPE* staged = reinterpret_cast<TYPE*>(dynamic);
  __shared__ float partials[SPLITS][kImages][kUnitColumns * 8];
  const int tile = static_cast<int>(threadIdx.x) / 32 % TILES;
  const int split = static_cast<int>(threadIdx.x) / (32 * TILES);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row = lane / 4;
  const int pairOfLane = lane % 4 * 2;
  const int firstImage = static_cast<int>(blockIdx.x) * kImages;
  stageImages(x, staged, firstImage);

  // Where the lane's two elements of each run lie in an image; past the patch, anywhere.
  int offsets[kRuns];
#pragma unroll
  for (int run = 0; run < kRuns; ++run) {
    const int element = run * 8 + pairOfLane;
    offsets[run] = (tile * 16 + row) * IMAGE_STRIDE +
                   (element < kPatch ? element / kRow * (WIDTH * CHANNELS) + element % kRow : 0);
  }
  __syncthreads();

  float sums[kUnitColumns][4] = {};
#pragma unroll 1
  for (int block = 0; block < kFilterBlocks; ++block) {
    uint32_t factors[kWindow][kColumns][kSteps][2];
#pragma unroll
    for (int i = 0; i < kFilterRegisters; ++i) {
      (&factors[0][0][0][0])[i] = filters[(block * kFilterRegisters + i) * 32 + lane];
    }
    // As the rows of an accumulator: the bias is what the first product is added to.
    float bias[kColumns][4];
#pragma unroll
    for (int i = 0; i < kColumns * 4; ++i) {
      const int f = block * BLOCK_FILTERS + i / 4 * 8 + pairOfLane + i % 2;
      bias[i / 4][i % 4] = f < FILTERS ? load(convBias[f]) : 0.0f;
    }
#pragma unroll 1
    for (int pixel = split; pixel < kPixels; pixel += SPLITS) {
      uint32_t dense[kDenseRegisters];
#pragma unroll
      for (int i = 0; i < kDenseRegisters; i += kDenseWide) {
        const auto pack = reinterpret_cast<const Pack<uint32_t, kDenseWide>*>(
            weights)[((static_cast<int64_t>(block) * kPixels + pixel) * kDenseRegisters + i) /
                         kDenseWide * 32 +
                     lane];
#pragma unroll
        for (int j = 0; j < kDenseWide; ++j) dense[i + j] = pack.values[j];
      }

      const TYPE* corner = staged + (pixel / POOLED_X * (POOL_Y * STRIDE_Y) * WIDTH +
                                     pixel % POOLED_X * (POOL_X * STRIDE_X)) *
                                        CHANNELS;
      uint32_t patch[kSteps][4];
#pragma unroll
      for (int run = 0; run < kRuns; ++run) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const TYPE* from = corner + offsets[run] + half * 8 * IMAGE_STRIDE;
          if constexpr (kTf32) {
            const auto two = *reinterpret_cast<const Pack<float, 2>*>(from);
            patch[run][half] = roundToTf32(two.values[0]);
            patch[run][half + 2] = roundToTf32(two.values[1]);
          } else {
            patch[run / 2][run % 2 * 2 + half] = *reinterpret_cast<const uint32_t*>(from);
          }
        }
      }

      float pooled[kColumns][4];
#pragma unroll
      for (int c = 0; c < kColumns; ++c) {
        float values[kWindow][4];
#pragma unroll
        for (int w = 0; w < kWindow; ++w) {
#pragma unroll
          for (int step = 0; step < kSteps; ++step) {
            multiply(values[w], patch[step], factors[w][c][step][0], factors[w][c][step][1],
                     step == 0 ? bias[c] : values[w]);
          }
        }
#pragma unroll
        for (int i = 0; i < 4; ++i) pooled[c][i] = reluMax(values, i);
      }

#pragma unroll
      for (int step = 0; step < kDenseSteps; ++step) {
        uint32_t features[4];
        leftFactor<TYPE>(pooled, step, features);
#pragma unroll
        for (int c = 0; c < kUnitColumns; ++c) {
          const int first = (step * kUnitColumns + c) * 2;
          multiply(sums[c], features, dense[first], dense[first + 1], sums[c]);
        }
      }
    }
  }

#pragma unroll
  for (int c = 0; c < kUnitColumns; ++c) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      partials[split][tile * 16 + row + i / 2 * 8][c * 8 + pairOfLane + i % 2] = sums[c][i];
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x) / 32; i < kImages; i += kThreads / 32) {
    const int image = firstImage + i;
    if (image >= BATCH) break;
    float logit = 0;
    if (lane < UNITS) {
      logit = load(denseBias[lane]);
#pragma unroll
      for (int j = 0; j < SPLITS; ++j) logit += partials[j][i][lane];
    }
#if SOFTMAX
    logit = softmaxOfLanes<UNITS>(logit);
#endif
    if (lane < UNITS) y[static_cast<int64_t>(image) * UNITS + lane] = store<TYPE>(logit);
  }
}
