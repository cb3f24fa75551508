#pragma once

#include "prelude.cuh"

// Sizes of conv_pool_dense_mma.cu, and the steps of one product: how values become the factors of
// the matrix unit, and its accumulators the factors of the next product.

constexpr bool kTf32 = sizeof(TYPE) == 4;
constexpr int kPatchY = (WINDOW_Y - 1) * STRIDE_Y + KERNEL_Y;
constexpr int kRow = ((WINDOW_X - 1) * STRIDE_X + KERNEL_X) * CHANNELS;
constexpr int kPatch = kPatchY * kRow;
constexpr int kWindow = WINDOW_Y * WINDOW_X;
constexpr int kPixels = POOLED_Y * POOLED_X;
constexpr int kImageElements = HEIGHT * WIDTH * CHANNELS;
constexpr int kImages = 16 * TILES;
constexpr int kThreads = 32 * TILES * SPLITS;
/** The patch in runs of 8 elements, of which a lane holds two neighbours. */
constexpr int kRuns = (kPatch + 15) / 16 * 2;
static_assert(kRow % 2 == 0 && POOL_X * STRIDE_X * CHANNELS % 2 == 0 && WIDTH * CHANNELS % 2 == 0,
              "neighbours of a pair lie in one row, at even places");

/** Depth of one product of the matrix unit in runs, and registers of a lane for both factors. */
constexpr int kRunsPerStep = kTf32 ? 1 : 2;
constexpr int kSteps = kRuns / kRunsPerStep;
constexpr int kColumns = BLOCK_FILTERS / 8;
constexpr int kFilterBlocks = (FILTERS + BLOCK_FILTERS - 1) / BLOCK_FILTERS;
constexpr int kUnitColumns = (UNITS + 7) / 8;
/** Registers of dense weights for one pixel and one block of filters. */
constexpr int kDenseSteps = BLOCK_FILTERS / (8 * kRunsPerStep);
constexpr int kDenseRegisters = kDenseSteps * kUnitColumns * 2;
constexpr int kDenseWide = kDenseRegisters % 4 == 0 ? 4 : 2;
constexpr int kFilterRegisters = kWindow * kColumns * kSteps * 2;

/** The bits of a value in the matrix unit's format. */
__device__ __forceinline__ uint32_t roundToTf32(float value) {
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
  return bits;
}

/** Two sums as a pair of 16-bit values, the first in the lower half. */
template <class SIXTEEN>
__device__ __forceinline__ uint32_t pair(float first, float second) {
  return static_cast<uint32_t>(store<SIXTEEN>(first).bits) |
         static_cast<uint32_t>(store<SIXTEEN>(second).bits) << 16;
}

/** d = a b + c. */
__device__ __forceinline__ void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0,
                                         uint32_t b1, const float (&c)[4]) {
#define MULTIPLY(SHAPE)                                                                     \
  asm("mma.sync.aligned." SHAPE                                                             \
      " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "                                     \
      "{%10, %11, %12, %13};"                                                               \
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])                                      \
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "f"(c[0]), "f"(c[1]), \
        "f"(c[2]), "f"(c[3]))
  if constexpr (IsSame<TYPE, float>::value) {
    MULTIPLY("m16n8k8.row.col.f32.tf32.tf32.f32");
  } else if constexpr (IsSame<TYPE, half_t>::value) {
    MULTIPLY("m16n8k16.row.col.f32.f16.f16.f32");
  } else {
    MULTIPLY("m16n8k16.row.col.f32.bf16.bf16.f32");
  }
#undef MULTIPLY
}

/** max(values, 0), NaN where one of them is NaN: see conv_pool.cuh. */
__device__ __forceinline__ float reluMax(const float (&values)[kWindow][4], int i) {
  int largest = __float_as_int(values[0][i]);
#pragma unroll
  for (int w = 1; w < kWindow; ++w) largest = max(largest, __float_as_int(values[w][i]));
  return __int_as_float(max(largest, 0));
}

/** Pooled values of a lane as the left factor of one product of the dense layer. */
template <class T>
__device__ __forceinline__ void leftFactor(const float (&pooled)[kColumns][4], int step,
                                           uint32_t (&to)[4]) {
  if constexpr (sizeof(T) == 4) {
    to[0] = roundToTf32(pooled[step][0]);
    to[1] = roundToTf32(pooled[step][2]);
    to[2] = roundToTf32(pooled[step][1]);
    to[3] = roundToTf32(pooled[step][3]);
  } else {
    to[0] = pair<T>(pooled[step * 2][0], pooled[step * 2][1]);
    to[1] = pair<T>(pooled[step * 2][2], pooled[step * 2][3]);
    to[2] = pair<T>(pooled[step * 2 + 1][0], pooled[step * 2 + 1][1]);
    to[3] = pair<T>(pooled[step * 2 + 1][2], pooled[step * 2 + 1][3]);
  }
}
