// MSL for NVRTC: what native/backends/metal/kernels use, so that the same source runs on NVIDIA's GPUs, where
// compute-sanitizer can watch it and its time stands beside that of our CUDA kernels. A threadgroup is a block, a simdgroup
// a warp, threadgroup memory is shared memory. Compiled with --device-as-default-execution-space.

using uchar = unsigned char;
using ushort = unsigned short;
using uint = unsigned;
using ulong = unsigned long;

#define MSL_OWN __attribute__((always_inline))
#define __builtin_trap __trap
#define INFINITY __int_as_float(0x7f800000)

namespace metal {

/** IEEE-754 binary16; arithmetic is that of float, as the kernels convert before they compute. */
struct alignas(2) half {
  half() = default;
  explicit half(float value) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value)); }
  explicit operator float() const {
    float result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(bits));
    return result;
  }
  ushort bits;
};

// A vector of three has the room of four.
template <class T, int N>
struct vec;
template <class T>
struct alignas(2 * sizeof(T)) vec<T, 2> {
  T& operator[](int i) { return (&x)[i]; }
  const T& operator[](int i) const { return (&x)[i]; }
  T x, y;
};
template <class T>
struct alignas(4 * sizeof(T)) vec<T, 3> {
  T& operator[](int i) { return (&x)[i]; }
  const T& operator[](int i) const { return (&x)[i]; }
  T x, y, z;
};
template <class T>
struct alignas(4 * sizeof(T)) vec<T, 4> {
  T& operator[](int i) { return (&x)[i]; }
  const T& operator[](int i) const { return (&x)[i]; }
  T x, y, z, w;
};
using float2 = vec<float, 2>;
using float4 = vec<float, 4>;
using uint2 = vec<uint, 2>;
using uint3 = vec<uint, 3>;
using uint4 = vec<uint, 4>;
using ulong2 = vec<ulong, 2>;

enum class mem_flags { mem_none = 0, mem_device = 1, mem_threadgroup = 2 };
constexpr mem_flags operator|(mem_flags a, mem_flags b) {
  return static_cast<mem_flags>(static_cast<int>(a) | static_cast<int>(b));
}
// Both make writes to either kind of memory visible to the threads that they hold up.
MSL_OWN inline void threadgroup_barrier(mem_flags) { __syncthreads(); }
MSL_OWN inline void simdgroup_barrier(mem_flags) { __syncwarp(); }

template <class T>
MSL_OWN inline T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
MSL_OWN inline T max(T a, T b) {
  return a < b ? b : a;
}
template <class T>
MSL_OWN inline T select(T whenFalse, T whenTrue, bool condition) {
  return condition ? whenTrue : whenFalse;
}
MSL_OWN inline float fma(float a, float b, float c) { return ::fmaf(a, b, c); }
MSL_OWN inline float exp(float x) { return ::expf(x); }
MSL_OWN inline float fmax(float a, float b) { return ::fmaxf(a, b); }
MSL_OWN inline float abs(float x) { return ::fabsf(x); }
MSL_OWN inline bool isnan(float x) { return x != x; }

template <class To, class From>
MSL_OWN inline To as_type(From from) {
  static_assert(sizeof(To) == sizeof(From), "as_type keeps the size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

template <class T>
MSL_OWN inline T simd_shuffle_xor(T value, ushort mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}
template <class T>
MSL_OWN inline T simd_shuffle(T value, ushort lane) {
  return __shfl_sync(0xffffffffu, value, lane);
}
template <class T>
MSL_OWN inline T simd_broadcast(T value, ushort lane) {
  return simd_shuffle(value, lane);
}
template <class T>
MSL_OWN inline T simd_sum(T value) {
  for (ushort step = 16; step > 0; step /= 2) value += simd_shuffle_xor(value, step);
  return value;
}
template <class T>
MSL_OWN inline T simd_max(T value) {
  for (ushort step = 16; step > 0; step /= 2) value = max(value, simd_shuffle_xor(value, step));
  return value;
}

/**
 * An 8x8 matrix of a simdgroup. A lane keeps two neighbouring elements of a row. What a product needs beside them, the
 * lane's row of the left factor and its two columns of the right one, is read along with them by `simdgroup_load`; the
 * compiler drops what is not used. So a product is fused multiply-adds on registers, as close as a warp comes to it in f32.
 * Only a loaded matrix can be a factor: others give NaN.
 */
template <class T, int Columns, int Rows>
struct simdgroup_matrix {
  static_assert(Columns == 8 && Rows == 8, "Metal has matrices of 8x8 only");
  T elements[2];
  T row[8];
  T columns[8][2];
};
using simdgroup_float8x8 = simdgroup_matrix<float, 8, 8>;
using simdgroup_half8x8 = simdgroup_matrix<half, 8, 8>;

MSL_OWN inline uint matrix_row() { return threadIdx.x % 32 / 4; }
MSL_OWN inline uint matrix_column() { return threadIdx.x % 4 * 2; }

template <class T, int C, int R>
MSL_OWN inline void forget_factors(simdgroup_matrix<T, C, R>& matrix) {
#pragma unroll
  for (int k = 0; k < 8; ++k) {
    matrix.row[k] = matrix.columns[k][0] = matrix.columns[k][1] = T(__int_as_float(0x7fffffff));
  }
}
template <class T, int C, int R>
MSL_OWN inline simdgroup_matrix<T, C, R> make_filled_simdgroup_matrix(T value) {
  simdgroup_matrix<T, C, R> made;
  made.elements[0] = made.elements[1] = value;
  forget_factors(made);
  return made;
}
/** `origin` is always (0, 0), and written as 0. */
template <class T, int C, int R>
MSL_OWN inline void simdgroup_load(simdgroup_matrix<T, C, R>& to, const T* from,
                                   ulong elements_per_row = 8, ulong /*origin*/ = 0,
                                   bool transpose = false) {
  const auto at = [&](ulong row, ulong column) {
    return from[transpose ? column * elements_per_row + row : row * elements_per_row + column];
  };
#pragma unroll
  for (int i = 0; i < 2; ++i) to.elements[i] = at(matrix_row(), matrix_column() + i);
#pragma unroll
  for (int k = 0; k < 8; ++k) {
    to.row[k] = at(matrix_row(), k);
    to.columns[k][0] = at(k, matrix_column());
    to.columns[k][1] = at(k, matrix_column() + 1);
  }
}
template <class T, int C, int R>
MSL_OWN inline void simdgroup_store(const simdgroup_matrix<T, C, R>& from, T* to, ulong elements_per_row = 8) {
  T* at = to + matrix_row() * elements_per_row + matrix_column();
  at[0] = from.elements[0];
  at[1] = from.elements[1];
}
/** d = a b + c; sums are kept in f32, as on Apple's GPUs. */
template <class T, class A, class B, class C>
MSL_OWN inline void simdgroup_multiply_accumulate(simdgroup_matrix<T, 8, 8>& d,
                                           const simdgroup_matrix<A, 8, 8>& a,
                                           const simdgroup_matrix<B, 8, 8>& b,
                                           const simdgroup_matrix<C, 8, 8>& c) {
  float sums[2] = {float(c.elements[0]), float(c.elements[1])};
#pragma unroll
  for (int k = 0; k < 8; ++k) {
    sums[0] = ::fmaf(float(a.row[k]), float(b.columns[k][0]), sums[0]);
    sums[1] = ::fmaf(float(a.row[k]), float(b.columns[k][1]), sums[1]);
  }
  d.elements[0] = T(sums[0]);
  d.elements[1] = T(sums[1]);
  forget_factors(d);
}

}  // namespace metal

// CUDA has global names like these: kernels stand in a namespace where Metal's come first.
namespace msl {
using metal::abs;
using metal::as_type;
using metal::exp;
using metal::float2;
using metal::float4;
using metal::fma;
using metal::fmax;
using metal::half;
using metal::isnan;
using metal::max;
using metal::min;
using metal::select;
using metal::uint2;
using metal::uint3;
using metal::uint4;
using metal::ulong2;
}  // namespace msl

/** Arguments of a launch: addresses of buffers, and constants of at most 16 bytes. */
struct MslArguments {
  void* buffers[12];
  alignas(16) unsigned char values[3][16];
};
template <class T>
MSL_OWN inline T* inGlobalMemory(T* address) {
  __builtin_assume(__isGlobal(address));
  return address;
}

/** For launches that may start before the one before them has ended, as those of our CUDA kernels may. */
MSL_OWN inline void overlapPrevious() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
