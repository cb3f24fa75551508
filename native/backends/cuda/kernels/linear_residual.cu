#include "prelude.cuh"

// What lies between the two products of a linear training step, in one pass over the predictions:
// the residual, its squares (the loss) and its sums over the rows (the gradient of the bias).
//
// Macros: TYPE, VECTOR (columns a thread, a divisor of the number of columns), LANES and
// ROW_THREADS (threads of a block along a row, and down the rows; LANES is a warp).

using Sum = Acc<TYPE>;
using Values = Pack<TYPE, VECTOR>;

/** The sum over the block, valid in its first thread. */
__device__ Sum blockSum(Sum value) {
  __shared__ Sum warps[ROW_THREADS];
  for (int offset = 16; offset > 0; offset /= 2) {
    value += __shfl_down_sync(0xffffffffu, value, offset);
  }
  if (threadIdx.x == 0) warps[threadIdx.y] = value;
  __syncthreads();
  Sum total = 0;
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    for (int i = 0; i < ROW_THREADS; ++i) total += warps[i];
  }
  return total;
}

/**
 * residual = predictions - targets. Block (x, y) takes LANES * VECTOR columns and rowsPerBlock
 * rows; it leaves the sum of squares in squares[y * gridDim.x + x] and the sums of its columns in
 * columnSums[y * columns + column].
 */
extern "C" __global__ void __launch_bounds__(LANES* ROW_THREADS)
    linear_residual(const TYPE* predictions, const TYPE* targets, TYPE* residual, Sum* squares,
                    Sum* columnSums, int64_t rows, int64_t columns, int rowsPerBlock) {
  const int64_t column = (static_cast<int64_t>(blockIdx.x) * LANES + threadIdx.x) * VECTOR;
  const int64_t firstRow = static_cast<int64_t>(blockIdx.y) * rowsPerBlock;
  const int64_t endRow = firstRow + rowsPerBlock < rows ? firstRow + rowsPerBlock : rows;
  Sum square = 0;
  Sum sums[VECTOR] = {};
  if (column < columns) {
#pragma unroll 4
    for (int64_t row = firstRow + threadIdx.y; row < endRow; row += ROW_THREADS) {
      const int64_t at = row * columns + column;
      const Values p = *reinterpret_cast<const Values*>(predictions + at);
      const Values t = *reinterpret_cast<const Values*>(targets + at);
      Values r;
#pragma unroll
      for (int i = 0; i < VECTOR; ++i) {
        const Sum difference = load(p.values[i]) - load(t.values[i]);
        square += difference * difference;
        sums[i] += difference;
        r.values[i] = store<TYPE>(difference);
      }
      *reinterpret_cast<Values*>(residual + at) = r;
    }
  }
  __shared__ Sum shared[ROW_THREADS][LANES * VECTOR];
#pragma unroll
  for (int i = 0; i < VECTOR; ++i) shared[threadIdx.y][threadIdx.x * VECTOR + i] = sums[i];
  const Sum total = blockSum(square);  // its barrier is also that of `shared`
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    squares[static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x] = total;
  }
  const int thread = threadIdx.y * LANES + threadIdx.x;
  for (int i = thread; i < LANES * VECTOR; i += LANES * ROW_THREADS) {
    const int64_t own = static_cast<int64_t>(blockIdx.x) * LANES * VECTOR + i;
    if (own >= columns) continue;
    Sum sum = 0;
#pragma unroll
    for (int y = 0; y < ROW_THREADS; ++y) sum += shared[y][i];
    columnSums[static_cast<int64_t>(blockIdx.y) * columns + own] = sum;
  }
}

/**
 * bias -= rate * (the sum of columnSums over `chunks`), LANES columns a block; the last block
 * writes loss = (the sum of squares) * scale.
 */
extern "C" __global__ void __launch_bounds__(LANES* ROW_THREADS)
    linear_finish(TYPE* bias, const Sum* columnSums, int64_t columns, int chunks, double rate,
                  TYPE* loss, const Sum* squares, int64_t squareCount, double scale) {
  if (blockIdx.x == gridDim.x - 1) {
    Sum sum = 0;
    for (int64_t i = threadIdx.y * LANES + threadIdx.x; i < squareCount; i += LANES * ROW_THREADS) {
      sum += squares[i];
    }
    const Sum total = blockSum(sum);
    if (threadIdx.x == 0 && threadIdx.y == 0) {
      loss[0] = store<TYPE>(total * static_cast<Sum>(scale));
    }
    return;
  }
  const int64_t column = static_cast<int64_t>(blockIdx.x) * LANES + threadIdx.x;
  Sum sum = 0;
  if (column < columns) {
    for (int chunk = threadIdx.y; chunk < chunks; chunk += ROW_THREADS) {
      sum += columnSums[static_cast<int64_t>(chunk) * columns + column];
    }
  }
  __shared__ Sum shared[ROW_THREADS][LANES];
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || column >= columns) return;
  for (int y = 1; y < ROW_THREADS; ++y) sum += shared[y][threadIdx.x];
  bias[column] = store<TYPE>(load(bias[column]) - static_cast<Sum>(rate) * sum);
}
