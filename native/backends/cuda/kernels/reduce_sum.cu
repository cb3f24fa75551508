#include "prelude.cuh"

// Sums of the columns of a matrix, in two launches of fixed order: blocks of COLUMNS columns and
// `rowsPerBlock` rows, then the sum over the blocks of a column.
//
// Macros: TYPE, COLUMNS, ROW_THREADS (threads of a block along a row, and down the rows).

using Sum = Acc<TYPE>;

/** `partials` is [blocks of rows][columns]. */
extern "C" __global__ __launch_bounds__(COLUMNS* ROW_THREADS) void reduce_partial(
    const TYPE* x, Sum* partials, int64_t rows, int64_t columns, int64_t rowsPerBlock) {
  __shared__ Sum shared[ROW_THREADS][COLUMNS];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * COLUMNS + threadIdx.x;
  const int64_t first = static_cast<int64_t>(blockIdx.y) * rowsPerBlock;
  const int64_t end = first + rowsPerBlock < rows ? first + rowsPerBlock : rows;
  Sum sum = 0;
  if (column < columns) {
#pragma unroll 4
    for (int64_t row = first + threadIdx.y; row < end; row += ROW_THREADS) {
      sum += load(x[row * columns + column]);
    }
  }
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || column >= columns) return;
  for (int i = 1; i < ROW_THREADS; ++i) sum += shared[i][threadIdx.x];
  partials[static_cast<int64_t>(blockIdx.y) * columns + column] = sum;
}

extern "C" __global__ void reduce_finish(const Sum* partials, TYPE* y, int64_t columns,
                                         int64_t blocks) {
  const int64_t column = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  Sum sum = 0;
  for (int64_t i = 0; i < blocks; ++i) sum += partials[i * columns + column];
  y[column] = store<TYPE>(sum);
}
