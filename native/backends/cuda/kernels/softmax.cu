#include "prelude.cuh"

// exp(x - max) / sum over each row; ROW_THREADS threads (a power of two up to 1024) share one, and
// a block has THREADS / ROW_THREADS rows. Macros: TYPE, THREADS, ROW_THREADS.

using Sum = Acc<TYPE>;

struct Largest {
  __device__ Sum operator()(Sum a, Sum b) const { return b > a ? b : a; }
};
struct Total {
  __device__ Sum operator()(Sum a, Sum b) const { return a + b; }
};

/** The same result in every thread of the row. */
template <class COMBINE>
__device__ __forceinline__ Sum overRow(Sum value, const COMBINE& combine, Sum* shared) {
#pragma unroll
  for (int step = (ROW_THREADS < 32 ? ROW_THREADS : 32) / 2; step > 0; step /= 2) {
    value = combine(value, __shfl_xor_sync(0xffffffffu, value, step));
  }
  if constexpr (ROW_THREADS > 32) {
    constexpr int kWarps = ROW_THREADS / 32;
    const int first = static_cast<int>(threadIdx.x) / ROW_THREADS * kWarps;
    __syncthreads();
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
    __syncthreads();
    value = shared[first];
    for (int i = 1; i < kWarps; ++i) value = combine(value, shared[first + i]);
  }
  return value;
}

extern "C" __global__ __launch_bounds__(THREADS) void softmax(const TYPE* x, TYPE* y, int64_t rows,
                                                              int64_t columns) {
  __shared__ Sum shared[THREADS / 32];
  constexpr int kRows = THREADS / ROW_THREADS;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kRows + threadIdx.x / ROW_THREADS;
  const bool inside = row < rows;
  const int64_t first = threadIdx.x % ROW_THREADS;
  const TYPE* from = x + (inside ? row : 0) * columns;
  Sum largest = load(from[0]);
  for (int64_t i = first; i < columns; i += ROW_THREADS) {
    largest = Largest()(largest, load(from[i]));
  }
  largest = overRow(largest, Largest(), shared);
  Sum total = 0;
  for (int64_t i = first; i < columns; i += ROW_THREADS) total += exp(load(from[i]) - largest);
  total = overRow(total, Total(), shared);
  if (!inside) return;
  for (int64_t i = first; i < columns; i += ROW_THREADS) {
    y[row * columns + i] = store<TYPE>(exp(load(from[i]) - largest) / total);
  }
}
