#include "prelude.cuh"

// A training step of a linear layer in two launches, for sizes at which launches cost more than the
// arithmetic: the predictions with their residuals and loss, then the gradients with the updates.
//
// A block has a tile of TILE_ROWS x TILE_COLUMNS results. Its warps share the depth of the product,
// a thread has 4 x 4 results of its warp's share, and the shares are added up in a fixed order.
//
// Macros: TYPE, ROWS, FEATURES, UNITS, TILE_ROWS, TILE_COLUMNS, WARPS, DEPTH (how much of a
// product's depth is in shared memory at once). Dynamic shared memory: DEPTH columns of both
// factors, each padded by one, or the results of all warps, whichever is more.

using Sum = Acc<TYPE>;
constexpr int kThreads = WARPS * 32;
constexpr int kEach = 4;
static_assert(TILE_ROWS == 8 * kEach && TILE_COLUMNS == 4 * kEach, "a warp has 8 x 4 threads");
// Odd, so that neighbours along the depth lie in different banks.
constexpr int kLeftStride = TILE_ROWS + 1;
constexpr int kRightStride = TILE_COLUMNS + 1;
constexpr int kRowBlocks = (ROWS + TILE_ROWS - 1) / TILE_ROWS;
constexpr int kColumnBlocks = (UNITS + TILE_COLUMNS - 1) / TILE_COLUMNS;
constexpr int kOutputs = TILE_ROWS * TILE_COLUMNS / kThreads;

extern __shared__ __align__(16) unsigned char dynamicBytes[];

/**
 * Element (thread + kThreads i) of the block's tile of A^T B, i = 0, 1, from `left(depth, row)` and
 * `right(depth, column)`, which may be anything past the last row and column. LEFT_ALONG_DEPTH:
 * neighbours in memory are neighbours along the depth.
 */
template <int LENGTH, bool LEFT_ALONG_DEPTH, class LEFT, class RIGHT>
__device__ __forceinline__ void tileProduct(const LEFT& left, const RIGHT& right,
                                            Sum (&results)[kOutputs]) {
  Sum* const leftPanel = reinterpret_cast<Sum*>(dynamicBytes);
  Sum* const rightPanel = leftPanel + DEPTH * kLeftStride;
  const int thread = static_cast<int>(threadIdx.x);
  const int warp = thread / 32;
  const int row = thread % 32 / 4;
  const int column = thread % 4;
  Sum sums[kEach][kEach] = {};
  for (int first = 0; first < LENGTH; first += DEPTH) {
    if (first > 0) __syncthreads();
      // Loads without conditions, so that many are under way at once; past the end, the last again.
#pragma unroll 16
    for (int i = thread; i < DEPTH * TILE_ROWS; i += kThreads) {
      const int d = LEFT_ALONG_DEPTH ? i % DEPTH : i / TILE_ROWS;
      const int r = LEFT_ALONG_DEPTH ? i / DEPTH : i % TILE_ROWS;
      const Sum value = left(min(first + d, LENGTH - 1), r);
      leftPanel[d * kLeftStride + r] = first + d < LENGTH ? value : Sum(0);
    }
#pragma unroll 16
    for (int i = thread; i < DEPTH * TILE_COLUMNS; i += kThreads) {
      const int d = i / TILE_COLUMNS;
      const int c = i % TILE_COLUMNS;
      const Sum value = right(min(first + d, LENGTH - 1), c);
      rightPanel[d * kRightStride + c] = first + d < LENGTH ? value : Sum(0);
    }
    __syncthreads();
#pragma unroll 4
    for (int d = warp; d < DEPTH; d += WARPS) {
      Sum p[kEach], q[kEach];
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
        p[i] = leftPanel[d * kLeftStride + row + i * 8];
        q[i] = rightPanel[d * kRightStride + column + i * 4];
      }
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) sums[i][j] = fma(p[i], q[j], sums[i][j]);
      }
    }
  }
  __syncthreads();
  Sum* const shares = leftPanel;
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      shares[(warp * TILE_ROWS + row + i * 8) * TILE_COLUMNS + column + j * 4] = sums[i][j];
    }
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < kOutputs; ++i) {
    results[i] = 0;
#pragma unroll
    for (int w = 0; w < WARPS; ++w) {
      results[i] += shares[w * (TILE_ROWS * TILE_COLUMNS) + thread + i * kThreads];
    }
  }
}

/**
 * Predictions and their residuals; of each block the sum of its squared residuals, and of each of
 * its columns the sum of the residuals ([row blocks][UNITS]).
 */
extern "C" __global__ __launch_bounds__(kThreads) void linear_forward(
    const TYPE* x, const TYPE* targets, const TYPE* weights, const TYPE* bias, TYPE* predictions,
    Sum* residuals, Sum* squares, Sum* columnSums) {
  __shared__ Sum columns[kThreads];
  __shared__ Sum warpSquares[WARPS];
  overlapPrevious();
  const int firstRow = static_cast<int>(blockIdx.y) * TILE_ROWS;
  const int firstUnit = static_cast<int>(blockIdx.x) * TILE_COLUMNS;
  Sum results[kOutputs];
  tileProduct<FEATURES, true>(
      [&](int k, int r) { return load(x[min(firstRow + r, ROWS - 1) * FEATURES + k]); },
      [&](int k, int c) { return load(weights[k * UNITS + min(firstUnit + c, UNITS - 1)]); },
      results);

  const int thread = static_cast<int>(threadIdx.x);
  const int unit = firstUnit + thread % TILE_COLUMNS;
  Sum square = 0;
  Sum columnSum = 0;
#pragma unroll
  for (int i = 0; i < kOutputs; ++i) {
    const int row = firstRow + (thread + i * kThreads) / TILE_COLUMNS;
    if (row >= ROWS || unit >= UNITS) continue;
    const TYPE prediction = store<TYPE>(results[i] + load(bias[unit]));
    if (predictions != nullptr) predictions[row * UNITS + unit] = prediction;
    const Sum residual = load(prediction) - load(targets[row * UNITS + unit]);
    residuals[row * UNITS + unit] = residual;
    square = fma(residual, residual, square);
    columnSum += residual;
  }
#pragma unroll
  for (int step = 16; step > 0; step /= 2) square += __shfl_xor_sync(0xffffffffu, square, step);
  if (thread % 32 == 0) warpSquares[thread / 32] = square;
  columns[thread] = columnSum;
  __syncthreads();
  if (thread < TILE_COLUMNS && unit < UNITS) {
    Sum sum = 0;
    for (int i = thread; i < kThreads; i += TILE_COLUMNS) sum += columns[i];
    columnSums[static_cast<int>(blockIdx.y) * UNITS + unit] = sum;
  }
  if (thread == kThreads - 1) {
    Sum sum = 0;
    for (int i = 0; i < WARPS; ++i) sum += warpSquares[i];
    squares[blockIdx.y * gridDim.x + blockIdx.x] = sum;
  }
}

/** The rates come with 2 / (ROWS UNITS), the factor of the gradient. */
extern "C" __global__ __launch_bounds__(kThreads) void linear_backward(
    const TYPE* x, const Sum* residuals, const Sum* squares, const Sum* columnSums, TYPE* weights,
    TYPE* bias, TYPE* loss, Sum weightRate, Sum biasRate) {
  overlapPrevious();
  const int firstFeature = static_cast<int>(blockIdx.y) * TILE_ROWS;
  const int firstUnit = static_cast<int>(blockIdx.x) * TILE_COLUMNS;
  Sum results[kOutputs];
  tileProduct<ROWS, false>(
      [&](int r, int k) { return load(x[r * FEATURES + min(firstFeature + k, FEATURES - 1)]); },
      [&](int r, int c) { return residuals[r * UNITS + min(firstUnit + c, UNITS - 1)]; }, results);

  const int thread = static_cast<int>(threadIdx.x);
  const int unit = firstUnit + thread % TILE_COLUMNS;
#pragma unroll
  for (int i = 0; i < kOutputs; ++i) {
    const int feature = firstFeature + (thread + i * kThreads) / TILE_COLUMNS;
    if (feature >= FEATURES || unit >= UNITS) continue;
    TYPE* weight = weights + feature * UNITS + unit;
    *weight = store<TYPE>(load(*weight) - weightRate * results[i]);
  }
  if (blockIdx.y > 0) return;
  if (thread < TILE_COLUMNS && unit < UNITS) {
    Sum sum = 0;
    for (int i = 0; i < kRowBlocks; ++i) sum += columnSums[i * UNITS + unit];
    bias[unit] = store<TYPE>(load(bias[unit]) - biasRate * sum);
  }
  if (blockIdx.x == 0 && thread / 32 == WARPS - 1) {
    Sum sum = 0;
    for (int i = thread % 32; i < kRowBlocks * kColumnBlocks; i += 32) sum += squares[i];
#pragma unroll
    for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
    if (thread % 32 == 0) {
      loss[0] = store<TYPE>(sum / (static_cast<Sum>(ROWS) * static_cast<Sum>(UNITS)));
    }
  }
}
