#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "backends/cpu/libraries/onednn.h"
#include "backends/cpu/lowering.h"
#include "core/error.h"

namespace mpsbench::cpu {

/** matmul, with a bias_add and a relu that follow, or with the sgd_update that uses its result. */
std::optional<Match> matchOnednnMatmul(const GraphView& view, OpIndex op, const Facts& facts);
/** conv2d on NHWC, with a bias_add and a relu that follow. */
std::optional<Match> matchOnednnConvolution(const GraphView& view, OpIndex op, const Facts& facts);

/** oneDNN's kernels count in 32 bits and divide by what is left of a larger number. */
constexpr std::int64_t kLargestDimension = std::numeric_limits<std::int32_t>::max();

/** Of the op's operands and its result. */
inline std::int64_t largestDimension(const Graph& graph, const Op& op) {
  std::int64_t largest = 0;
  for (const TensorIndex tensor : {op.inputs[0], op.inputs[1], op.output}) {
    for (const std::int64_t size : graph.tensors[tensor].shape) largest = std::max(largest, size);
  }
  return largest;
}

/** @throws Error `unsupported` for an op with a dimension above 2^31 - 1 */
inline void requireInt32(const Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  const std::int64_t largest = largestDimension(lowering.graph(), op);
  if (largest <= kLargestDimension) return;
  throw Error(ErrorCode::unsupported,
              onednn::versionName() + " cannot run " + name(op.spec.kind) + " '" + op.id +
                  "': " + std::to_string(largest) + " is above 2^31 - 1.",
              "Choose smaller sizes, or another engine with --engine.");
}

/** The primitives in a row as one candidate; its name says if a layout is changed in every
 * iteration. */
inline Candidate inRow(std::string name, std::vector<onednn::BoundPrimitive> steps) {
  if (steps.size() > 1) name += " after reorder";
  return {std::move(name), [steps = std::move(steps)] {
            for (const auto& step : steps) step();
          }};
}

/** What `build` returns; oneDNN's exceptions become ours, with its own words. */
template <class Build>
std::vector<Candidate> translated(const Lowering& lowering, OpIndex index, const Build& build) {
  requireInt32(lowering, index);
  try {
    return {build()};
  } catch (const dnnl::error& error) {
    const auto code =
        error.status == dnnl_unimplemented ? ErrorCode::unsupported : ErrorCode::internal;
    const Op& op = lowering.op(index);
    throw Error(code,
                onednn::versionName() + " cannot run " + name(op.spec.kind) + " '" + op.id +
                    "' in " + name(lowering.view().output(index).dtype) + ": " + error.message +
                    ".",
                "Choose another engine with --engine.");
  }
}

}  // namespace mpsbench::cpu
