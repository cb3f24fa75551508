#include "prelude.cuh"

// mean((a - b)^2) in two launches of fixed order: the sum of each block's share, then the sum of
// these. Macros: TYPE, THREADS.

using Sum = Acc<TYPE>;

/** The block's sum, in its first thread. */
__device__ __forceinline__ Sum overBlock(Sum value) {
  __shared__ Sum shared[THREADS / 32];
#pragma unroll
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
  __syncthreads();
  value = shared[0];
  for (int i = 1; i < THREADS / 32; ++i) value += shared[i];
  return value;
}

extern "C" __global__ __launch_bounds__(THREADS) void mse_partial(const TYPE* a, const TYPE* b,
                                                                  Sum* partials, int64_t count) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * THREADS;
  Sum sum = 0;
#pragma unroll 4
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * THREADS + threadIdx.x; i < count; i += step) {
    const Sum difference = load(a[i]) - load(b[i]);
    sum = fma(difference, difference, sum);
  }
  sum = overBlock(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

extern "C" __global__ __launch_bounds__(THREADS) void mse_finish(const Sum* partials, TYPE* y,
                                                                 int64_t blocks, int64_t count) {
  Sum sum = 0;
  for (int64_t i = threadIdx.x; i < blocks; i += THREADS) sum += partials[i];
  sum = overBlock(sum);
  if (threadIdx.x == 0) y[0] = store<TYPE>(sum / static_cast<Sum>(count));
}
