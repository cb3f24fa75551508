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

/**
 * oneDNN's kernels count in 32 bits and divide by what is left of a larger number.
 * @throws Error `unsupported` for an op with a dimension above 2^31 - 1
 */
inline void requireInt32(const Lowering& lowering, OpIndex index) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const Op& op = lowering.op(index);
  std::vector<std::int64_t> sizes;
  for (const TensorIndex tensor : {op.inputs[0], op.inputs[1], op.output}) {
    const Shape& shape = lowering.graph().tensors[tensor].shape;
    sizes.insert(sizes.end(), shape.begin(), shape.end());
  }
  const std::int64_t largest = *std::max_element(sizes.begin(), sizes.end());
  if (largest <= kMost) return;
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
