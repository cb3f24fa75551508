#include "backends/cpu/kernels/variants.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Built once for each Isa: only internal functions here, and nothing of the standard library, so
// that no inline function built for one CPU can be linked into code that runs on another.
namespace mpsbench::cpu::MPSBENCH_ISA {

namespace {

template <class T>
void add(const T* a, const T* b, T* y, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    y[i] = static_cast<T>(static_cast<Compute<T>>(a[i]) + static_cast<Compute<T>>(b[i]));
  }
}

template <class T>
void sub(const T* a, const T* b, T* y, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    y[i] = static_cast<T>(static_cast<Compute<T>>(a[i]) - static_cast<Compute<T>>(b[i]));
  }
}

template <class T>
void mul(const T* a, const T* b, T* y, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    y[i] = static_cast<T>(static_cast<Compute<T>>(a[i]) * static_cast<Compute<T>>(b[i]));
  }
}

template <class T>
using Binary = void (*)(const T* a, const T* b, T* y, std::size_t count);

/** Null where the CPU or the element type has no streaming stores. */
template <class T>
constexpr Binary<T> addStreaming() {
  return nullptr;
}

#if defined(__x86_64__)
#if defined(__AVX512F__)
void sum64Bytes(const float* a, const float* b, float* y) {
  _mm512_stream_ps(y, _mm512_add_ps(_mm512_load_ps(a), _mm512_load_ps(b)));
}
void sum64Bytes(const double* a, const double* b, double* y) {
  _mm512_stream_pd(y, _mm512_add_pd(_mm512_load_pd(a), _mm512_load_pd(b)));
}
#elif defined(__AVX2__)
void sum64Bytes(const float* a, const float* b, float* y) {
  for (int i = 0; i < 16; i += 8) {
    _mm256_stream_ps(y + i, _mm256_add_ps(_mm256_load_ps(a + i), _mm256_load_ps(b + i)));
  }
}
void sum64Bytes(const double* a, const double* b, double* y) {
  for (int i = 0; i < 8; i += 4) {
    _mm256_stream_pd(y + i, _mm256_add_pd(_mm256_load_pd(a + i), _mm256_load_pd(b + i)));
  }
}
#else
void sum64Bytes(const float* a, const float* b, float* y) {
  for (int i = 0; i < 16; i += 4) {
    _mm_stream_ps(y + i, _mm_add_ps(_mm_load_ps(a + i), _mm_load_ps(b + i)));
  }
}
void sum64Bytes(const double* a, const double* b, double* y) {
  for (int i = 0; i < 8; i += 2) {
    _mm_stream_pd(y + i, _mm_add_pd(_mm_load_pd(a + i), _mm_load_pd(b + i)));
  }
}
#endif

template <class T>
void streamSum(const T* a, const T* b, T* y, std::size_t count) {
  constexpr std::size_t kStep = 64 / sizeof(T);
  // Prefetching further ahead than the hardware does: it stops at every page.
  constexpr std::size_t kAhead = 2048 / sizeof(T);
  std::size_t i = 0;
  for (; i + kStep <= count; i += kStep) {
    __builtin_prefetch(a + i + kAhead, 0, 0);
    __builtin_prefetch(b + i + kAhead, 0, 0);
    sum64Bytes(a + i, b + i, y + i);
  }
  _mm_sfence();
  add(a + i, b + i, y + i, count - i);
}

template <>
constexpr Binary<float> addStreaming<float>() {
  return streamSum<float>;
}

template <>
constexpr Binary<double> addStreaming<double>() {
  return streamSum<double>;
}
#endif

/** max(x, 0), and NaN where x is NaN. */
template <class C>
C positive(C x) {
  return x < 0 ? 0 : x;
}

template <class T>
void relu(const T* x, T* y, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    y[i] = static_cast<T>(positive(static_cast<Compute<T>>(x[i])));
  }
}

template <class T>
void bias(const T* x, const T* values, T* y, std::size_t rows, std::size_t columns, bool withRelu) {
  using C = Compute<T>;
  for (std::size_t r = 0; r < rows; ++r) {
    const T* from = x + r * columns;
    T* to = y + r * columns;
    if (withRelu) {
#pragma omp simd
      for (std::size_t c = 0; c < columns; ++c) {
        to[c] = static_cast<T>(positive(static_cast<C>(from[c]) + static_cast<C>(values[c])));
      }
    } else {
#pragma omp simd
      for (std::size_t c = 0; c < columns; ++c) {
        to[c] = static_cast<T>(static_cast<C>(from[c]) + static_cast<C>(values[c]));
      }
    }
  }
}

template <class T>
void sgd(T* p, const T* g, std::size_t count, double rate) {
  const auto by = static_cast<Compute<T>>(rate);
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    p[i] = static_cast<T>(static_cast<Compute<T>>(p[i]) - by * static_cast<Compute<T>>(g[i]));
  }
}

template <class T>
void maxPool(const T* x, T* y, const PoolShape& s) {
  using C = Compute<T>;
  for (std::size_t row = 0; row < s.outHeight; ++row) {
    for (std::size_t column = 0; column < s.outWidth; ++column) {
      T* to = y + (row * s.outWidth + column) * s.channels;
      const T* first = x + (row * s.strideHeight * s.width + column * s.strideWidth) * s.channels;
      for (std::size_t c = 0; c < s.channels; ++c) to[c] = first[c];
      for (std::size_t i = 0; i < s.windowHeight; ++i) {
        for (std::size_t j = 0; j < s.windowWidth; ++j) {
          const T* from = first + (i * s.width + j) * s.channels;
#pragma omp simd
          for (std::size_t c = 0; c < s.channels; ++c) {
            const C value = static_cast<C>(from[c]);
            const C largest = static_cast<C>(to[c]);
            // The second comparison keeps NaN.
            to[c] = static_cast<T>(value > largest || value != value ? value : largest);
          }
        }
      }
    }
  }
}

template <class T>
void fillTable(Kernels<T>& table) {
  table.add = add<T>;
  table.sub = sub<T>;
  table.mul = mul<T>;
  table.addStreaming = addStreaming<T>();
  table.relu = relu<T>;
  table.bias = bias<T>;
  table.sgd = sgd<T>;
  table.maxPool = maxPool<T>;
}

}  // namespace

void fill(Kernels<float>& table) {
  fillTable(table);
}
void fill(Kernels<double>& table) {
  fillTable(table);
}
void fill(Kernels<BFloat16>& table) {
  fillTable(table);
}

}  // namespace mpsbench::cpu::MPSBENCH_ISA
