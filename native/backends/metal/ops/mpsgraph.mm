#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/metal/matchers.h"
#include "backends/metal/mpsgraph/lowering.h"
#include "backends/metal/mpsgraph/program.h"

namespace mpsbench::metal {

namespace {

/** A graph compiled by MPSGraph, in one program or in several that run one after the other. */
class Compiled {
 public:
  Compiled(Lowering& lowering, const std::vector<OpRange>& parts, Layout layout,
           const Limits& limits)
      : crossing_(lowering.graph().tensors.size()) {
    Tensors& tensors = lowering.tensors();
    const Graph& graph = tensors.graph();
    const std::vector<bool> left = tensorsLeft(graph);
    for (const TensorIndex i : mpsbench::metal::crossing(graph, parts)) {
      // What an iteration leaves behind has memory already.
      crossing_[i] = left[i] ? tensors.written(i) : tensors.scratch(graph.tensors[i].bytes());
      if (!left[i]) ownBytes_ += graph.tensors[i].bytes();
    }
    for (const OpRange& part : parts) {
      programs_.push_back(std::make_unique<Program>(lower(graph, part, layout, limits), tensors,
                                                    crossing_, lowering.device()));
    }
  }

  /** Encodes the part of an iteration of this phase. */
  void encode(MPSCommandBuffer* buffer, std::size_t part, std::size_t phase) const {
    programs_[part]->encode(buffer, phase);
  }
  [[nodiscard]] std::uint64_t ownBytes() const { return ownBytes_; }

 private:
  std::vector<PhasedBuffer> crossing_;
  std::vector<std::unique_ptr<Program>> programs_;
  std::uint64_t ownBytes_ = 0;
};

Candidate candidateOf(Lowering& lowering, const Facts& facts, Layout layout) {
  const Tensors& tensors = lowering.tensors();
  const auto parts = partsOf(tensors.graph(), facts.cores, facts.longNs);
  Candidate candidate;
  candidate.name = layout == Layout::nchw ? "MPSGraph in NCHW" : "MPSGraph";
  candidate.temporaryBytes = temporaryBytes(tensors.graph(), facts.limits);
  if (layout == Layout::nchw) candidate.temporaryBytes += transposedBytes(tensors.graph());
  requireComputable(tensors.graph(), facts.limits);
  tensors.require(candidate.temporaryBytes);
  const auto compiled = std::make_shared<Compiled>(lowering, parts, layout, facts.limits);
  candidate.ownBytes = compiled->ownBytes();
  if (parts.size() > 1) {
    candidate.name += " in " + std::to_string(parts.size()) + " parts";
    for (std::size_t part = 0; part < parts.size(); ++part) {
      candidate.parts.push_back([compiled, part](MPSCommandBuffer* buffer, std::size_t phase) {
        compiled->encode(buffer, part, phase);
      });
    }
    return candidate;
  }
  candidate.encode = [compiled](MPSCommandBuffer* buffer, std::size_t phase, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i, phase = 1 - phase) compiled->encode(buffer, 0, phase);
    return phase;
  };
  return candidate;
}

/** A match of the whole graph. */
Match wholeGraph(const GraphView& view, const Facts& facts, Layout layout) {
  return {allOps(view.graph()), [facts, layout](Lowering& lowering) {
            return std::vector{candidateOf(lowering, facts, layout)};
          }};
}

}  // namespace

std::optional<Match> matchMpsGraph(const GraphView& view, OpIndex /*op*/, const Facts& facts) {
  return wholeGraph(view, facts, Layout::nhwc);
}

std::optional<Match> matchMpsGraphInNchw(const GraphView& view, OpIndex /*op*/,
                                         const Facts& facts) {
  const auto& ops = view.graph().ops;
  const bool convolves = std::any_of(ops.begin(), ops.end(),
                                     [](const Op& op) { return op.spec.kind == OpKind::conv2d; });
  if (!convolves) return std::nullopt;
  return wholeGraph(view, facts, Layout::nchw);
}

}  // namespace mpsbench::metal
