#include "prelude.cuh"

// y[i] = OPERATION(a[i], b[i]), VECTOR values an access and UNROLL accesses a thread at once.
// Blocks walk over tiles in steps of the grid, which is one block per tile or a few blocks per
// multiprocessor.
//
// Macros: TYPE, OPERATION (one of the functions below), VECTOR, UNROLL, THREADS, STREAMING (1: the
// data passes through the caches once, so nothing is kept of it).

using Sum = Acc<TYPE>;
using Vector = Pack<TYPE, VECTOR>;
constexpr int kTile = THREADS * UNROLL;

__device__ __forceinline__ Sum add(Sum a, Sum b, Sum) {
  return a + b;
}
__device__ __forceinline__ Sum sub(Sum a, Sum b, Sum) {
  return a - b;
}
__device__ __forceinline__ Sum mul(Sum a, Sum b, Sum) {
  return a * b;
}
/** NaN stays NaN. */
__device__ __forceinline__ Sum relu(Sum a, Sum, Sum) {
  return a < 0 ? Sum(0) : a;
}
__device__ __forceinline__ Sum mse_grad(Sum a, Sum b, Sum scale) {
  return scale * (a - b);
}
__device__ __forceinline__ Sum sgd_update(Sum a, Sum b, Sum rate) {
  return a - rate * b;
}

__device__ __forceinline__ Vector read(const Vector* from) {
  if constexpr (STREAMING && sizeof(Vector) == 16) {
    uint4 bits;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(bits.x), "=r"(bits.y), "=r"(bits.z), "=r"(bits.w)
                 : "l"(from));
    Vector vector;
    memcpy(&vector, &bits, sizeof vector);
    return vector;
  } else {
    return *from;
  }
}

__device__ __forceinline__ void write(Vector* to, const Vector& vector) {
  if constexpr (STREAMING && sizeof(Vector) == 16) {
    uint4 bits;
    memcpy(&bits, &vector, sizeof vector);
    asm volatile("st.global.cs.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(bits.x), "r"(bits.y),
                 "r"(bits.z), "r"(bits.w)
                 : "memory");
  } else {
    *to = vector;
  }
}

/** The output may be one of the inputs. */
extern "C" __global__ __launch_bounds__(THREADS) void elementwise(const TYPE* a, const TYPE* b,
                                                                  TYPE* y, int64_t count,
                                                                  Sum factor) {
  const int64_t vectors = count / VECTOR;
  const auto* left = reinterpret_cast<const Vector*>(a);
  const auto* right = reinterpret_cast<const Vector*>(b);
  auto* to = reinterpret_cast<Vector*>(y);
  for (int64_t tile = blockIdx.x; tile * kTile < vectors; tile += gridDim.x) {
    const int64_t first = tile * kTile + threadIdx.x;
    Vector p[UNROLL], q[UNROLL];
    const auto step = [&](auto inside) {
#pragma unroll
      for (int i = 0; i < UNROLL; ++i) {
        if (inside(i))
          p[i] = read(left + first + i * THREADS), q[i] = read(right + first + i * THREADS);
      }
#pragma unroll
      for (int i = 0; i < UNROLL; ++i) {
        if (!inside(i)) continue;
#pragma unroll
        for (int j = 0; j < VECTOR; ++j) {
          p[i].values[j] =
              store<TYPE>(OPERATION(load(p[i].values[j]), load(q[i].values[j]), factor));
        }
        write(to + first + i * THREADS, p[i]);
      }
    };
    if ((tile + 1) * kTile <= vectors) {
      step([](int) { return true; });
    } else {
      step([&](int i) { return first + i * THREADS < vectors; });
    }
  }
  // What is left of a vector at the end.
  const int64_t rest = vectors * VECTOR + threadIdx.x;
  if (blockIdx.x == 0 && rest < count) {
    y[rest] = store<TYPE>(OPERATION(load(a[rest]), load(b[rest]), factor));
  }
}
