#include "prelude.cuh"

// to[column][row] = from[row][column], in tiles of TILE x TILE through shared memory, so that both
// sides move whole cache lines. A block has TILE x ROW_THREADS threads.
//
// Macros: TYPE, TILE, ROW_THREADS.

extern "C" __global__ void __launch_bounds__(TILE* ROW_THREADS)
    transpose(const TYPE* from, TYPE* to, int64_t rows, int64_t columns) {
  __shared__ TYPE tile[TILE][TILE + 1];  // one more: no two rows of a column share a bank
  const int64_t firstColumn = static_cast<int64_t>(blockIdx.x) * TILE;
  const int64_t firstRow = static_cast<int64_t>(blockIdx.y) * TILE;
#pragma unroll
  for (int y = 0; y < TILE; y += ROW_THREADS) {
    const int64_t row = firstRow + y + threadIdx.y;
    const int64_t column = firstColumn + threadIdx.x;
    if (row < rows && column < columns) {
      tile[y + threadIdx.y][threadIdx.x] = from[row * columns + column];
    }
  }
  __syncthreads();
#pragma unroll
  for (int y = 0; y < TILE; y += ROW_THREADS) {
    const int64_t row = firstRow + threadIdx.x;
    const int64_t column = firstColumn + y + threadIdx.y;
    if (row < rows && column < columns) {
      to[column * rows + row] = tile[threadIdx.x][y + threadIdx.y];
    }
  }
}
