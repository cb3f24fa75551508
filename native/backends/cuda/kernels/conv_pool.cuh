#pragma once

#include "prelude.cuh"

// The convolution of conv_pool_dense.cu: the patch of an image under one pooled pixel, the factors
// of a filter, and the largest of the values that they give in the pool window.
//
// WINOGRAD: the minimal filtering F(2x2, 3x3) of Lavin and Gray 2016. A patch is transformed once
// for all filters, and then the four values of a pool window take 26 operations instead of 36.

using Sum = Acc<TYPE>;

constexpr int kPatchY = (WINDOW_Y - 1) * STRIDE_Y + KERNEL_Y;
constexpr int kPatchX = (WINDOW_X - 1) * STRIDE_X + KERNEL_X;
constexpr int kPatch = kPatchY * kPatchX * CHANNELS;
/** Whether a patch may reach over the edge of the image. */
constexpr bool kPadded = PAD_Y > 0 || PAD_X > 0 ||
                         (POOLED_Y - 1) * POOL_Y* STRIDE_Y + kPatchY > HEIGHT ||
                         (POOLED_X - 1) * POOL_X* STRIDE_X + kPatchX > WIDTH;
constexpr int kTaps = KERNEL_Y * KERNEL_X * CHANNELS;
constexpr int kWindow = WINDOW_Y * WINDOW_X;
constexpr int kPixels = POOLED_Y * POOLED_X;

constexpr int roundUp(int count, int multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

/** Values of a 16-byte access. */
constexpr int kWide = 16 / sizeof(Sum);
/** Taps of a filter as they are multiplied, and its bias behind them, padded to whole accesses. */
constexpr int kFactors = WINOGRAD ? 16 : kTaps;
constexpr int kFilterStride = roundUp(kFactors + 1, kWide);

/** max(values, 0), NaN where one of them is NaN. */
__device__ __forceinline__ float reluMax(const float (&values)[kWindow]) {
  // Positive floats are ordered as integers are, all negative ones are below zero, and a NaN that
  // an operation made is a large positive integer. Integers have a maximum of three numbers.
  int largest = __float_as_int(values[0]);
#pragma unroll
  for (int i = 1; i < kWindow; ++i) largest = max(largest, __float_as_int(values[i]));
  return __int_as_float(max(largest, 0));
}

__device__ __forceinline__ double reluMax(const double (&values)[kWindow]) {
  double largest = 0;
#pragma unroll
  for (int i = 0; i < kWindow; ++i) largest = values[i] <= largest ? largest : values[i];
  return largest;
}

/** The patch under a pooled pixel; for Winograd, B^T d B of it. */
__device__ __forceinline__ void loadPatch(const TYPE* image, int y, int x, Sum (&patch)[kPatch]) {
#pragma unroll
  for (int r = 0; r < kPatchY; ++r) {
#pragma unroll
    for (int c = 0; c < kPatchX * CHANNELS; ++c) {
      const int row = y - PAD_Y + r;
      const int column = x - PAD_X + c / CHANNELS;
      const bool inside = !kPadded || (row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH);
      patch[r * kPatchX * CHANNELS + c] =
          inside ? load(image[(row * WIDTH + column) * CHANNELS + c % CHANNELS]) : Sum(0);
    }
  }
#if WINOGRAD
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    Sum* d = patch + r * 4;
    const Sum first = d[0] - d[2], last = d[1] - d[3];
    const Sum sum = d[1] + d[2], difference = d[2] - d[1];
    d[0] = first, d[1] = sum, d[2] = difference, d[3] = last;
  }
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    Sum* d = patch + c;
    const Sum first = d[0] - d[8], last = d[4] - d[12];
    const Sum sum = d[4] + d[8], difference = d[8] - d[4];
    d[0] = first, d[4] = sum, d[8] = difference, d[12] = last;
  }
#endif
}

/** Factor `factor` of filter `f`: a tap, or for Winograd an element of G g G^T; last the bias. */
__device__ __forceinline__ Sum factorOf(const TYPE* filters, const TYPE* bias, int f, int factor) {
  if (factor == kFactors) return load(bias[f]);
#if WINOGRAD
  const auto tap = [&](int y, int x) { return load(filters[(y * 3 + x) * FILTERS + f]); };
  const auto row = [&](int y) -> Sum {
    const int column = factor % 4;
    if (column == 0) return tap(y, 0);
    if (column == 3) return tap(y, 2);
    const Sum outer = tap(y, 0) + tap(y, 2);
    return Sum(0.5) * (column == 1 ? outer + tap(y, 1) : outer - tap(y, 1));
  };
  const int line = factor / 4;
  if (line == 0) return row(0);
  if (line == 3) return row(2);
  const Sum outer = row(0) + row(2);
  return Sum(0.5) * (line == 1 ? outer + row(1) : outer - row(1));
#else
  return load(filters[factor * FILTERS + f]);
#endif
}

/**
 * ReLU of the largest value of one filter in the pool window, for every image. Images are
 * innermost: operations in a row then share a factor, which is read from the registers once.
 */
__device__ __forceinline__ void convolve(const Sum (&patches)[IMAGES][kPatch],
                                         const Sum (&factors)[kFilterStride],
                                         Sum (&results)[IMAGES]) {
  // Adding the bias keeps the order of values, so it may come before the maximum.
  const Sum bias = factors[kFactors];
  Sum values[IMAGES][kWindow];
#if WINOGRAD
  const auto u = [&](int r, int c) { return factors[r * 4 + c]; };
  const auto v = [&](int i, int r, int c) { return patches[i][r * 4 + c]; };
  // A^T (U . V) A, the two inner columns first: they reach all four values.
  Sum upper[IMAGES][2], lower[IMAGES][2];
#pragma unroll
  for (int j = 0; j < 2; ++j) {
    const int c = j + 1;
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) {
      upper[i][j] = j == 0 ? fma(u(1, c), v(i, 1, c), bias) : u(1, c) * v(i, 1, c);
    }
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) {
      lower[i][j] = fma(-u(2, c), v(i, 2, c), upper[i][j]);
      upper[i][j] = fma(u(2, c), v(i, 2, c), upper[i][j]);
    }
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) upper[i][j] = fma(u(0, c), v(i, 0, c), upper[i][j]);
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) lower[i][j] = fma(-u(3, c), v(i, 3, c), lower[i][j]);
  }
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
    values[i][0] = upper[i][0] + upper[i][1];
    values[i][1] = upper[i][0] - upper[i][1];
    values[i][2] = lower[i][0] + lower[i][1];
    values[i][3] = lower[i][0] - lower[i][1];
  }
  // The outer columns reach the values of their own side: their first row those above, their last
  // one those below, the rows between them both.
#pragma unroll
  for (int side = 0; side < 2; ++side) {
    const int c = side * 3;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
#pragma unroll
      for (int i = 0; i < IMAGES; ++i) {
        const Sum sign = side == 0 ? Sum(1) : Sum(-1);
        if (r < 3) values[i][side] = fma(sign * u(r, c), v(i, r, c), values[i][side]);
        if (r > 0) {
          values[i][2 + side] =
              fma(r == 1 ? sign * u(r, c) : -sign * u(r, c), v(i, r, c), values[i][2 + side]);
        }
      }
    }
  }
#else
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
    for (int w = 0; w < kWindow; ++w) values[i][w] = bias;
  }
#pragma unroll
  for (int tap = 0; tap < kTaps; ++tap) {
#pragma unroll
    for (int i = 0; i < IMAGES; ++i) {
#pragma unroll
      for (int w = 0; w < kWindow; ++w) {
        const int row = w / WINDOW_X * STRIDE_Y + tap / (KERNEL_X * CHANNELS);
        const int column = w % WINDOW_X * STRIDE_X * CHANNELS + tap % (KERNEL_X * CHANNELS);
        values[i][w] =
            fma(patches[i][row * kPatchX * CHANNELS + column], factors[tap], values[i][w]);
      }
    }
  }
#endif
#pragma unroll
  for (int i = 0; i < IMAGES; ++i) results[i] = reluMax(values[i]);
}
