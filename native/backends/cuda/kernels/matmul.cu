#include "prelude.cuh"

// C[m,n] = op(A)[m,k] op(B)[k,n]. A block of 16 x 16 threads has a tile of TILE x TILE results; the
// factors pass through shared memory, 16 of the depth at once.
//
// Macros: TYPE, TILE, TRANSPOSE_A, TRANSPOSE_B (1: stored as [k,m], [n,k]).

using Sum = Acc<TYPE>;
constexpr int kDepth = 16;
constexpr int kThreads = 256;
constexpr int kEach = TILE / 16;

extern "C" __global__ __launch_bounds__(kThreads) void matmul(const TYPE* a, const TYPE* b, TYPE* c,
                                                              int64_t m, int64_t n, int64_t k) {
  // Padded, so that neighbours along the depth lie in different banks.
  __shared__ Sum left[kDepth][TILE + 1];
  __shared__ Sum right[kDepth][TILE + 1];
  const int64_t firstRow = static_cast<int64_t>(blockIdx.y) * TILE;
  const int64_t firstColumn = static_cast<int64_t>(blockIdx.x) * TILE;
  const int row = static_cast<int>(threadIdx.x) / 16;
  const int column = static_cast<int>(threadIdx.x) % 16;
  Sum sums[kEach][kEach] = {};
  for (int64_t depth = 0; depth < k; depth += kDepth) {
    for (int i = static_cast<int>(threadIdx.x); i < TILE * kDepth; i += kThreads) {
      // Neighbouring threads read neighbouring elements.
      const int atA = TRANSPOSE_A ? i % TILE : i / kDepth;
      const int depthA = TRANSPOSE_A ? i / TILE : i % kDepth;
      const int64_t r = firstRow + atA;
      const bool insideA = r < m && depth + depthA < k;
      const int64_t indexA = TRANSPOSE_A ? (depth + depthA) * m + r : r * k + depth + depthA;
      left[depthA][atA] = insideA ? load(a[indexA]) : Sum(0);
      const int atB = TRANSPOSE_B ? i / kDepth : i % TILE;
      const int depthB = TRANSPOSE_B ? i % kDepth : i / TILE;
      const int64_t s = firstColumn + atB;
      const bool insideB = s < n && depth + depthB < k;
      const int64_t indexB = TRANSPOSE_B ? s * k + depth + depthB : (depth + depthB) * n + s;
      right[depthB][atB] = insideB ? load(b[indexB]) : Sum(0);
    }
    __syncthreads();
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      Sum p[kEach], q[kEach];
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
        p[i] = left[d][row + i * 16];
        q[i] = right[d][column + i * 16];
      }
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) sums[i][j] = fma(p[i], q[j], sums[i][j]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      const int64_t r = firstRow + row + i * 16;
      const int64_t s = firstColumn + column + j * 16;
      if (r < m && s < n) c[r * n + s] = store<TYPE>(sums[i][j]);
    }
  }
}
