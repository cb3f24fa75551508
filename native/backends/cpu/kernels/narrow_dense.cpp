#include "backends/cpu/kernels/variants.h"

// Built once for each Isa: see elementwise.cpp for what that forbids.
namespace mpsbench::cpu::MPSBENCH_ISA {

namespace {

#if defined(__AVX512F__)
constexpr std::size_t kLanes = 16;
#elif defined(__AVX2__)
constexpr std::size_t kLanes = 8;
#else
constexpr std::size_t kLanes = 4;
#endif

using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

inline Vector load(const float* from) {
  Vector value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

inline float total(Vector vector) {
  float sum = 0;
  for (std::size_t i = 0; i < kLanes; ++i) sum += vector[i];
  return sum;
}

/** Dot products of `kRows` rows with `kColumns` columns, along the depth. */
template <std::size_t kRows, std::size_t kColumns>
void block(const float* x, const float* w, const float* bias, float* y, std::size_t depth,
           std::size_t columns) {
  Vector sums[kRows][kColumns] = {};
  std::size_t d = 0;
  for (; d + kLanes <= depth; d += kLanes) {
    Vector left[kRows];
    for (std::size_t r = 0; r < kRows; ++r) left[r] = load(x + r * depth + d);
    for (std::size_t c = 0; c < kColumns; ++c) {
      const Vector right = load(w + c * depth + d);
      for (std::size_t r = 0; r < kRows; ++r) sums[r][c] += left[r] * right;
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      float sum = total(sums[r][c]);
      for (std::size_t rest = d; rest < depth; ++rest) {
        sum += x[r * depth + rest] * w[c * depth + rest];
      }
      y[r * columns + c] = sum + bias[c];
    }
  }
}

template <std::size_t kRows>
void rowBlock(const float* x, const float* w, const float* bias, float* y, std::size_t depth,
              std::size_t columns) {
  std::size_t c = 0;
  for (; c + 5 <= columns; c += 5)
    block<kRows, 5>(x, w + c * depth, bias + c, y + c, depth, columns);
  for (; c < columns; ++c) block<kRows, 1>(x, w + c * depth, bias + c, y + c, depth, columns);
}

}  // namespace

void narrowDense(const float* x, const float* transposed, const float* bias, float* y,
                 std::size_t rows, std::size_t depth, std::size_t columns) {
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    rowBlock<4>(x + r * depth, transposed, bias, y + r * columns, depth, columns);
  }
  for (; r < rows; ++r) {
    rowBlock<1>(x + r * depth, transposed, bias, y + r * columns, depth, columns);
  }
}

}  // namespace mpsbench::cpu::MPSBENCH_ISA
