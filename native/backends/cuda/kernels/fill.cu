#include "prelude.cuh"

// Uniform values in [-1, 1): what candidates are measured on. Zeros would draw less power than real
// values and so run at higher clocks.
extern "C" __global__ void fill(TYPE* to, int64_t count, uint32_t seed) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += step) {
    uint32_t x = static_cast<uint32_t>(i) * 0x9e3779b9u + seed;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    x ^= x >> 16;
    to[i] = store<TYPE>(static_cast<Acc<TYPE>>(static_cast<int32_t>(x)) *
                        static_cast<Acc<TYPE>>(0x1p-31));
  }
}
