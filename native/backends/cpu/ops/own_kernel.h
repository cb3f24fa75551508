#pragma once

#include <string>
#include <utility>

#include "backends/cpu/hardware/isa.h"
#include "backends/cpu/kernels/kernels.h"
#include "backends/cpu/lowering.h"

namespace mpsbench::cpu {

/** Work below this many elements stays on the calling thread. */
inline constexpr std::size_t kElementGrain = std::size_t{1} << 15;

/**
 * A match of `ops` with the one candidate that `build.operator()<T>(lowering)` returns for the
 * storage type of the dtype; nothing for a dtype that our kernels do not know.
 */
template <class Build>
std::optional<Match> ownKernelMatch(const GraphView& view, std::vector<OpIndex> ops, Build build) {
  switch (view.output(ops.front()).dtype) {
    case DType::f32:
      return Match{std::move(ops), [build](Lowering& lowering) -> std::vector<Candidate> {
                     return {build.template operator()<float>(lowering)};
                   }};
    case DType::f64:
      return Match{std::move(ops), [build](Lowering& lowering) -> std::vector<Candidate> {
                     return {build.template operator()<double>(lowering)};
                   }};
    case DType::bf16:
      return Match{std::move(ops), [build](Lowering& lowering) -> std::vector<Candidate> {
                     return {build.template operator()<BFloat16>(lowering)};
                   }};
    case DType::f16:
      break;
  }
  return std::nullopt;
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
