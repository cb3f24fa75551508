#include "prelude.cuh"

// Filters in cuDNN's layout, [output][height * width][input], from ours, [height * width][input]
// [output]. TYPE: the dtype.
extern "C" __global__ void filter_layout(const TYPE* from, TYPE* to, int taps, int inputs,
                                         int outputs) {
  const int64_t count = static_cast<int64_t>(taps) * inputs * outputs;
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += step) {
    const int64_t output = i % outputs;
    const int64_t rest = i / outputs;  // tap * inputs + input
    to[output * taps * inputs + rest] = from[i];
  }
}
