#include <utility>

#include "backends/cpu/engines/engines.h"
#include "core/reference/kernels.h"

namespace mpsbench::cpu {

namespace {

std::vector<Candidate> build(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  std::vector<reference::ConstView> inputs;
  for (const TensorIndex input : op.inputs) {
    inputs.push_back({lowering.storage(input), &lowering.graph().tensors[input].shape});
  }
  const Tensor& output = lowering.graph().output(op);
  const reference::View result{lowering.storage(op.output), &output.shape};
  return {{std::string("reference ") + name(op.spec.kind),
           [spec = op.spec, dtype = output.dtype, inputs = std::move(inputs), result] {
             reference::run(spec, dtype, inputs, result);
           }}};
}

std::optional<Match> matchReference(const GraphView& /*view*/, OpIndex index,
                                    const Facts& /*facts*/) {
  return Match{{index}, [index](Lowering& lowering) { return build(lowering, index); }};
}

}  // namespace

Engine referenceEngine() {
  return {
      .id = "reference",
      .label = "reference (untuned float64 loops)",
      .supports = [](const OpSpec&, DType) -> std::optional<std::string> { return std::nullopt; },
      .matchers = {{MatcherKind::op, matchReference}},
      .parallel = false};
}

}  // namespace mpsbench::cpu
