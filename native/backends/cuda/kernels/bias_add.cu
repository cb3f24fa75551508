#include "prelude.cuh"

// y[i] = x[i] + bias[i mod channels]. Macros: TYPE, VECTOR (divides the channels).

extern "C" __global__ void bias_add(const TYPE* x, const TYPE* bias, TYPE* y, int64_t count,
                                    int64_t channels) {
  using Vector = Pack<TYPE, VECTOR>;
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x * VECTOR;
  for (int64_t i = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) * VECTOR;
       i < count; i += step) {
    Vector value = *reinterpret_cast<const Vector*>(x + i);
    const Vector added = *reinterpret_cast<const Vector*>(bias + i % channels);
#pragma unroll
    for (int j = 0; j < VECTOR; ++j) {
      value.values[j] = store<TYPE>(load(value.values[j]) + load(added.values[j]));
    }
    *reinterpret_cast<Vector*>(y + i) = value;
  }
}
