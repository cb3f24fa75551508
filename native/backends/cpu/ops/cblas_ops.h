#pragma once

#include <limits>
#include <string>
#include <utility>

#include "backends/cpu/libraries/cblas.h"
#include "backends/cpu/lowering.h"
#include "core/error.h"

namespace mpsbench::cpu {

/** matmul, or matmul with the sgd_update that uses its result. */
std::optional<Match> matchCblasMatmul(const GraphView& view, OpIndex op, const Facts& facts);
/** conv2d by im2col. */
std::optional<Match> matchCblasConvolution(const GraphView& view, OpIndex op, const Facts& facts);

/** A call of the library in the placement table. */
inline std::string cblasLabel(const std::string& call) {
  return "cblas " + call + " (" + cblasName() + ")";
}

/** @throws Error `unsupported` for a dimension that the library's int does not hold */
inline int blasInt(std::int64_t size) {
  if (size > std::numeric_limits<int>::max()) {
    throw Error(ErrorCode::unsupported, cblasName() + " takes no dimension above 2^31 - 1.",
                "Choose smaller sizes.");
  }
  return static_cast<int>(size);
}

/** A match with the one candidate that `build.operator()<T>(lowering)` returns, for f32 and f64. */
template <class Build>
std::optional<Match> cblasMatch(const GraphView& view, std::vector<OpIndex> ops, Build build) {
  const DType dtype = view.output(ops.front()).dtype;
  if (dtype != DType::f32 && dtype != DType::f64) return std::nullopt;
  return Match{std::move(ops), [=](Lowering& lowering) -> std::vector<Candidate> {
                 if (dtype == DType::f64) return {build.template operator()<double>(lowering)};
                 return {build.template operator()<float>(lowering)};
               }};
}

}  // namespace mpsbench::cpu
