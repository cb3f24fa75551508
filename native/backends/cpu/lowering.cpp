#include "backends/cpu/lowering.h"

#include <utility>

namespace mpsbench::cpu {

Lowering::Lowering(const Graph& graph, int threads, std::uint64_t freeBytes)
    : graph_(graph),
      threads_(threads),
      budget_(freeBytes),
      lowered_(graph.ops.size(), false),
      flow_(graph) {
  result_.storage.resize(graph.tensors.size(), nullptr);
  result_.repacks.resize(graph.tensors.size());
  // What is certainly needed is checked before the first byte is allocated.
  std::uint64_t certain = 0;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role == Role::temp && !graph.isOutput(i)) continue;
    budget_.require(tensor.bytes());
    certain += tensor.bytes();
    budget_.require(certain);
  }
}

void* Lowering::storage(TensorIndex tensor) {
  void*& memory = result_.storage[tensor];
  if (memory == nullptr) memory = scratch(graph_.tensors[tensor].bytes());
  return memory;
}

void* Lowering::scratch(std::size_t bytes) {
  return result_.buffers.emplace_back(budget_.allocate(bytes)).data();
}

void Lowering::alias(TensorIndex tensor, TensorIndex source) {
  result_.storage[tensor] = storage(source);
}

void Lowering::emit(const std::vector<OpIndex>& ops, std::string kernel,
                    std::function<void()> run) {
  std::vector<std::string> ids;
  ids.reserve(ops.size());
  for (const OpIndex index : ops) {
    lowered_[index] = true;
    ids.push_back(op(index).id);
  }
  result_.steps.push_back({std::move(ids), std::move(kernel)});
  result_.runs.push_back(std::move(run));
}

void Lowering::onWrite(TensorIndex tensor, std::function<void()> repack) {
  result_.repacks[tensor].push_back(std::move(repack));
}

Lowering::Result Lowering::finish() {
  for (TensorIndex i = 0; i < graph_.tensors.size(); ++i) {
    if (graph_.tensors[i].role != Role::temp || graph_.isOutput(i)) storage(i);
  }
  result_.bytes = budget_.usedBytes();
  return std::move(result_);
}

}  // namespace mpsbench::cpu
