#include "backends/cuda/lowering.h"

#include "backends/cuda/matchers.h"

namespace mpsbench::cuda {

Lowering::Lowering(const Graph& graph, Context& context, Memory& memory, KernelLevel level)
    : view_(graph),
      context_(context),
      memory_(memory),
      level_(level),
      buffers_(graph.tensors.size()) {
  // What is certainly needed is checked before the first byte is allocated.
  std::uint64_t certain = 0;
  for (const TensorIndex tensor : view_.hostTensors()) {
    certain += graph.tensors[tensor].bytes();
    memory_.require(certain);
  }
}

CUdeviceptr Lowering::data(TensorIndex tensor) {
  auto& buffer = buffers_[tensor];
  if (buffer == nullptr) buffer = memory_.allocate(graph().tensors[tensor].bytes());
  return buffer->address();
}

void Lowering::alias(TensorIndex tensor, TensorIndex source) {
  data(source);
  buffers_[tensor] = buffers_[source];
}

std::shared_ptr<DeviceBuffer> Lowering::scratch(std::size_t bytes) {
  return memory_.allocate(bytes);
}

std::shared_ptr<DeviceBuffer> Lowering::workspace() {
  std::shared_ptr<DeviceBuffer> shared = workspace_.lock();
  if (shared == nullptr) {
    shared = memory_.allocate(kWorkspaceBytes);
    workspace_ = shared;
  }
  return shared;
}

std::vector<LoweredStep> Lowering::lowerAll() {
  std::vector<LoweredStep> steps;
  for (OpIndex index = 0; index < graph().ops.size(); ++index) {
    if (view_.isTaken(index)) continue;
    steps.push_back(lowerOp(view_, index, facts(), matchers(), level_, *this));
  }
  // What the host can reach has memory, whether an op uses it or not.
  for (const TensorIndex tensor : view_.hostTensors()) data(tensor);
  return steps;
}

}  // namespace mpsbench::cuda
