#pragma once

#include <string>
#include <utility>
#include <vector>

#include "backends/cpu/libraries/onednn.h"
#include "backends/cpu/lowering.h"
#include "core/error.h"

namespace mpsbench::cpu {

/** matmul, with a bias_add and a relu that follow, or with the sgd_update that takes its result. */
std::optional<Match> matchOnednnMatmul(const GraphView& view, OpIndex op, const Facts& facts);
/** conv2d on NHWC, with a bias_add and a relu that follow. */
std::optional<Match> matchOnednnConvolution(const GraphView& view, OpIndex op, const Facts& facts);

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
