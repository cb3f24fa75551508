#include "prelude.cuh"

// Sums of the columns of a matrix, in two launches of fixed order: blocks of 32 columns and
// `rowsPerBlock` rows, then the sum over the blocks of a column. Macros: TYPE.

using Sum = Acc<TYPE>;
constexpr int kRowThreads = 8;

/** Blocks of 32 x 8 threads; `partials` is [blocks of rows][columns]. */
extern "C" __global__ __launch_bounds__(32 * kRowThreads) void reduce_partial(
    const TYPE* x, Sum* partials, int64_t rows, int64_t columns, int64_t rowsPerBlock) {
  __shared__ Sum shared[kRowThreads][32];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * 32 + threadIdx.x;
  const int64_t first = static_cast<int64_t>(blockIdx.y) * rowsPerBlock;
  const int64_t end = first + rowsPerBlock < rows ? first + rowsPerBlock : rows;
  Sum sum = 0;
  if (column < columns) {
#pragma unroll 4
    for (int64_t row = first + threadIdx.y; row < end; row += kRowThreads) {
      sum += load(x[row * columns + column]);
    }
  }
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || column >= columns) return;
  for (int i = 1; i < kRowThreads; ++i) sum += shared[i][threadIdx.x];
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
