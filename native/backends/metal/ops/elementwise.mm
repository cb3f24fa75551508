#include <vector>

#include "backends/metal/calls/elementwise.h"
#include "backends/metal/matchers.h"

namespace mpsbench::metal {

namespace {

std::vector<Candidate> build(Lowering& lowering, const Op& op) {
  const Tensor& y = lowering.graph().output(op);
  Tensors& tensors = lowering.tensors();
  std::vector<Candidate> candidates;
  for (const KernelCall& call : elementwiseCalls(op.spec, y.dtype, y.elements())) {
    candidates.push_back(launches(call.label, {lowering.launch(call)
                                                   .buffer(tensors.read(op.inputs[0]))
                                                   .buffer(tensors.read(op.inputs.back()))
                                                   .buffer(tensors.written(op.output))}));
  }
  return candidates;
}

}  // namespace

std::optional<Match> matchElementwise(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  // The kernel counts in 32 bits.
  if (!isElementwise(view.spec(index).kind) || view.output(index).elements() > UINT32_MAX / 2) {
    return std::nullopt;
  }
  return Match{{index},
               [index](Lowering& lowering) { return build(lowering, lowering.op(index)); }};
}

}  // namespace mpsbench::metal
