#include "backends/cpu/engines/reference/reference.h"

#include <utility>

#include "core/reference/kernels.h"

namespace mpsbench::cpu {

namespace {

bool lowerReference(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  std::vector<reference::ConstView> inputs;
  for (const TensorIndex input : op.inputs) {
    inputs.push_back({lowering.storage(input), &lowering.graph().tensors[input].shape});
  }
  const Tensor& output = lowering.graph().output(op);
  const reference::View result{lowering.storage(op.output), &output.shape};
  lowering.emit({index}, std::string("reference ") + name(op.spec.kind),
                [spec = op.spec, dtype = output.dtype, inputs = std::move(inputs), result] {
                  reference::run(spec, dtype, inputs, result);
                });
  return true;
}

}  // namespace

Engine referenceEngine() {
  return {
      .id = "reference",
      .label = "reference (untuned float64 loops)",
      .supports = [](const OpSpec&, DType) -> std::optional<std::string> { return std::nullopt; },
      .patterns = {},
      .lowers = {lowerReference},
      .parallel = false};
}

}  // namespace mpsbench::cpu
