#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "backends/metal/matchers.h"
#include "backends/metal/mpsgraph/lowering.h"
#include "backends/metal/mpsgraph/program.h"

namespace mpsbench::metal {

namespace {

Candidate candidateOf(Lowering& lowering, const Limits& limits, Layout layout) {
  const Tensors& tensors = lowering.tensors();
  Candidate candidate;
  candidate.name = layout == Layout::nchw ? "MPSGraph in NCHW" : "MPSGraph";
  candidate.temporaryBytes = temporaryBytes(tensors.graph(), limits);
  if (layout == Layout::nchw) candidate.temporaryBytes += transposedBytes(tensors.graph());
  requireComputable(tensors.graph(), limits);
  tensors.require(candidate.temporaryBytes);
  candidate.encode = [program = std::make_shared<Program>(lower(tensors.graph(), layout, limits),
                                                          tensors, lowering.device())](
                         MPSCommandBuffer* buffer, std::size_t phase, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i, phase = 1 - phase) program->encode(buffer, phase);
    return phase;
  };
  return candidate;
}

/** A match of the whole graph. */
Match wholeGraph(const GraphView& view, const Facts& facts, Layout layout) {
  return {allOps(view.graph()), [limits = facts.limits, layout](Lowering& lowering) {
            return std::vector{candidateOf(lowering, limits, layout)};
          }};
}

}  // namespace

std::optional<Match> matchMpsGraph(const GraphView& view, OpIndex /*op*/, const Facts& facts) {
  return wholeGraph(view, facts, Layout::nhwc);
}

std::optional<Match> matchMpsGraphInNchw(const GraphView& view, OpIndex /*op*/,
                                         const Facts& facts) {
  const auto& ops = view.graph().ops;
  const bool convolves = std::any_of(
      ops.begin(), ops.end(), [](const Op& op) { return op.spec.kind == OpKind::conv2d; });
  if (!convolves) return std::nullopt;
  return wholeGraph(view, facts, Layout::nchw);
}

}  // namespace mpsbench::metal
