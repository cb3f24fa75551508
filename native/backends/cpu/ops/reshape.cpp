#include <cstring>

#include "backends/cpu/ops/ops.h"

namespace mpsbench::cpu {

// The same memory under another shape; a copy of a state, whose update must not show in it.
std::optional<Match> matchReshape(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::reshape) return std::nullopt;
  return Match{{index}, [index](Lowering& lowering) -> std::vector<Candidate> {
                 const Op& op = lowering.op(index);
                 const Tensor& source = lowering.graph().input(op, 0);
                 if (source.role != Role::state) {
                   lowering.alias(op.output, op.inputs[0]);
                   return {{"reshape without a copy", [] {}}};
                 }
                 const void* from = lowering.storage(op.inputs[0]);
                 void* to = lowering.storage(op.output);
                 return {{"memcpy", [=, bytes = source.bytes()] { std::memcpy(to, from, bytes); }}};
               }};
}

}  // namespace mpsbench::cpu
