#pragma once

#include <string>

#include "backends/cpu/engines/loops/loops.h"
#include "backends/cpu/isa.h"
#include "backends/cpu/kernels/kernels.h"

namespace mpsbench::cpu {

/** Work below this many elements stays on the calling thread. */
inline constexpr std::size_t kElementGrain = std::size_t{1} << 15;

/** As core's dispatch, for the storage types that the kernels know. */
template <class Visitor>
bool dispatchLoops(DType dtype, Visitor&& visit) {
  switch (dtype) {
    case DType::f32:
      visit.template operator()<float>();
      return true;
    case DType::f64:
      visit.template operator()<double>();
      return true;
    case DType::bf16:
      visit.template operator()<BFloat16>();
      return true;
    case DType::f16:
      break;
  }
  return false;
}

/** A kernel's name in the placement table, for example `softmax avx512`. */
inline std::string kernelName(const std::string& what) {
  return what + " " + name(bestIsa());
}

/** A tensor as a matrix: its last axis, and all others together. */
struct Matrix {
  std::size_t rows;
  std::size_t columns;
};
inline Matrix asMatrix(const Tensor& tensor) {
  const auto columns = static_cast<std::size_t>(tensor.shape.back());
  return {tensor.elements() / columns, columns};
}

}  // namespace mpsbench::cpu
