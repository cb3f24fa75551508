#include "backends/cpu/kernels/variants.h"

// Built once for each Isa: see elementwise.cpp for what that forbids.
namespace mpsbench::cpu::MPSBENCH_ISA {

namespace {

/** Partial sums in float are kept this short, then added up in double. */
constexpr std::size_t kBlock = 1024;
/** Columns whose sums fit the first-level cache. */
constexpr std::size_t kStrip = 512;
constexpr std::size_t kRows = 32;

template <class T>
double squaredError(const T* p, const T* t, std::size_t count) {
  using C = Compute<T>;
  double total = 0;
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t end = count - start < kBlock ? count : start + kBlock;
    C sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = start; i < end; ++i) {
      const C difference = static_cast<C>(p[i]) - static_cast<C>(t[i]);
      sum += difference * difference;
    }
    total += static_cast<double>(sum);
  }
  return total;
}

/** Calls each(r, c, width) for strips of columns, and adds what it left in `sums` to `totals`. */
template <class C, class Each>
void byStrips(std::size_t rows, std::size_t columns, double* totals, const Each& each) {
  for (std::size_t r = 0; r < rows; r += kRows) {
    const std::size_t height = rows - r < kRows ? rows - r : kRows;
    for (std::size_t c = 0; c < columns; c += kStrip) {
      const std::size_t width = columns - c < kStrip ? columns - c : kStrip;
      alignas(64) C sums[kStrip] = {};
      for (std::size_t i = 0; i < height; ++i) each((r + i) * columns + c, width, sums);
      if (totals == nullptr) continue;
#pragma omp simd
      for (std::size_t j = 0; j < width; ++j) totals[c + j] += static_cast<double>(sums[j]);
    }
  }
}

template <class T>
void columnSums(const T* x, std::size_t rows, std::size_t columns, double* totals) {
  using C = Compute<T>;
  byStrips<C>(rows, columns, totals, [&](std::size_t at, std::size_t width, C* sums) {
    const T* from = x + at;
#pragma omp simd
    for (std::size_t j = 0; j < width; ++j) sums[j] += static_cast<C>(from[j]);
  });
}

/** One row of a strip; a function of its own, so that the compiler knows that nothing overlaps. */
template <class T>
Compute<T> mseRow(const T* __restrict p, const T* __restrict t, T* __restrict g,
                  Compute<T>* __restrict sums, std::size_t width, Compute<T> scale) {
  using C = Compute<T>;
  C sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t j = 0; j < width; ++j) {
    const C difference = static_cast<C>(p[j]) - static_cast<C>(t[j]);
    sum += difference * difference;
    const T rounded = static_cast<T>(scale * difference);
    g[j] = rounded;
    sums[j] += static_cast<C>(rounded);
  }
  return sum;
}

template <class T>
double mse(const T* p, const T* t, T* g, std::size_t rows, std::size_t columns, double scale,
           double* totals) {
  using C = Compute<T>;
  double loss = 0;
  byStrips<C>(rows, columns, totals, [&](std::size_t at, std::size_t width, C* sums) {
    loss += static_cast<double>(mseRow(p + at, t + at, g + at, sums, width, static_cast<C>(scale)));
  });
  return loss;
}

/**
 * e^x for x <= 0, to about 1e-7 relative: 2^n times a polynomial of degree 6 (Taylor, its remainder
 * for |r| <= ln(2)/2 is below 2e-7 / 5040) in the rest of x over ln 2. Below -87 it gives zero.
 */
inline float exponential(float x) {
  constexpr float kLog2e = 1.44269504088896341F;
  // ln 2 in two parts, the first exact in few bits, so that n * kLn2High is exact.
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
  const float clamped = x < -87.0F ? -87.0F : x;
  const float shifted = clamped * kLog2e + kRound;
  const float n = shifted - kRound;
  const float r = (clamped - n * kLn2High) - n * kLn2Low;
  float sum = 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const float power = __builtin_bit_cast(float, (static_cast<int>(n) + 127) << 23);
  // Written so that NaN stays NaN.
  return x < -87.0F ? 0.0F : sum * power;
}

inline double exponential(double x) {
  return __builtin_exp(x);
}

template <class T>
void softmax(const T* x, T* y, std::size_t rows, std::size_t columns) {
  using C = Compute<T>;
  constexpr std::size_t kChunk = 256;
  C chunk[kChunk];
  for (std::size_t r = 0; r < rows; ++r) {
    const T* from = x + r * columns;
    T* to = y + r * columns;
    C largest = static_cast<C>(from[0]);
#pragma omp simd reduction(max : largest)
    for (std::size_t c = 0; c < columns; ++c) {
      const C value = static_cast<C>(from[c]);
      largest = value > largest ? value : largest;
    }
    double total = 0;
    for (std::size_t start = 0; start < columns; start += kChunk) {
      const std::size_t width = columns - start < kChunk ? columns - start : kChunk;
      C sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::size_t c = 0; c < width; ++c) {
        chunk[c] = exponential(static_cast<C>(from[start + c]) - largest);
        sum += chunk[c];
      }
      total += static_cast<double>(sum);
    }
    const auto scale = static_cast<C>(1 / total);
    if (columns <= kChunk) {
#pragma omp simd
      for (std::size_t c = 0; c < columns; ++c) to[c] = static_cast<T>(chunk[c] * scale);
    } else {
#pragma omp simd
      for (std::size_t c = 0; c < columns; ++c) {
        to[c] = static_cast<T>(exponential(static_cast<C>(from[c]) - largest) * scale);
      }
    }
  }
}

template <class T>
void fillTable(Kernels<T>& table) {
  table.squaredError = squaredError<T>;
  table.columnSums = columnSums<T>;
  table.mse = mse<T>;
  table.softmax = softmax<T>;
}

}  // namespace

void fillReductions(Kernels<float>& table) {
  fillTable(table);
}
void fillReductions(Kernels<double>& table) {
  fillTable(table);
}
void fillReductions(Kernels<BFloat16>& table) {
  fillTable(table);
}

}  // namespace mpsbench::cpu::MPSBENCH_ISA
