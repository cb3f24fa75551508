#pragma once

// What every kernel may use. NVRTC brings no headers with it, so the 16-bit types are here: their
// storage, and conversions that round to nearest even. Arithmetic is done in Acc<T>.

using int32_t = int;
using uint32_t = unsigned int;
using int64_t = long long;
using uint64_t = unsigned long long;

/** IEEE-754 binary16. */
struct alignas(2) half_t {
  unsigned short bits;
};

/** The upper half of a float; conversions need compute capability 8.0. */
struct alignas(2) bfloat16_t {
  unsigned short bits;
};

/** The type that sums of T are kept in. */
template <class T>
struct AccOf {
  using type = float;
};
template <>
struct AccOf<double> {
  using type = double;
};
template <class T>
using Acc = typename AccOf<T>::type;

__device__ __forceinline__ float load(float value) {
  return value;
}
__device__ __forceinline__ double load(double value) {
  return value;
}
__device__ __forceinline__ float load(half_t value) {
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value.bits));
  return result;
}
__device__ __forceinline__ float load(bfloat16_t value) {
  return __uint_as_float(static_cast<uint32_t>(value.bits) << 16);
}

/** `store<T>(x)`: x rounded to T. */
template <class T>
__device__ __forceinline__ T store(Acc<T> value);
template <>
__device__ __forceinline__ float store<float>(float value) {
  return value;
}
template <>
__device__ __forceinline__ double store<double>(double value) {
  return value;
}
template <>
__device__ __forceinline__ half_t store<half_t>(float value) {
  half_t result;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
  return result;
}
template <>
__device__ __forceinline__ bfloat16_t store<bfloat16_t>(float value) {
  bfloat16_t result;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
#else
  const uint32_t raw = __float_as_uint(value);
  const bool nan = (raw & 0x7fffffffu) > 0x7f800000u;
  result.bits =
      static_cast<unsigned short>(nan ? 0x7fc0u : (raw + 0x7fffu + ((raw >> 16) & 1u)) >> 16);
#endif
  return result;
}

/** N values that move as one access of up to 16 bytes. */
template <class T, int N>
struct alignas(sizeof(T) * N) Pack {
  T values[N];
};

/**
 * For launches that may start before the one before them has ended: lets the next one start
 * likewise, and waits until all that came before is done and visible.
 */
__device__ __forceinline__ void overlapPrevious() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

template <class A, class B>
struct IsSame {
  static constexpr bool value = false;
};
template <class A>
struct IsSame<A, A> {
  static constexpr bool value = true;
};

/** Softmax over the values of the first COUNT lanes of a warp; every lane takes part. */
template <int COUNT, class SUM>
__device__ __forceinline__ SUM softmaxOfLanes(SUM value) {
  SUM largest = __shfl_sync(0xffffffffu, value, 0);
#pragma unroll
  for (int i = 1; i < COUNT; ++i) {
    const SUM other = __shfl_sync(0xffffffffu, value, i);
    largest = other > largest ? other : largest;
  }
  const SUM power = exp(value - largest);
  SUM total = 0;
#pragma unroll
  for (int i = 0; i < COUNT; ++i) total += __shfl_sync(0xffffffffu, power, i);
  return power / total;
}
