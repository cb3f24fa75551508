#include "backends/cpu/lowering.h"

#include <utility>

namespace mpsbench::cpu {

Lowering::Lowering(const GraphView& view, const Facts& facts, std::uint64_t freeBytes)
    : view_(view), facts_(facts), budget_(freeBytes) {
  result_.storage.resize(graph().tensors.size(), nullptr);
  result_.repacks.resize(graph().tensors.size());
  // What is certainly needed is checked before the first byte is allocated.
  std::uint64_t certain = 0;
  for (const TensorIndex tensor : view_.hostTensors()) {
    certain += graph().tensors[tensor].bytes();
    budget_.require(certain);
  }
}

void* Lowering::storage(TensorIndex tensor) {
  void*& memory = result_.storage[tensor];
  if (memory == nullptr) memory = scratch(graph().tensors[tensor].bytes());
  return memory;
}

void* Lowering::scratch(std::size_t bytes) {
  return result_.buffers.emplace_back(budget_.allocate(bytes)).data();
}

void Lowering::alias(TensorIndex tensor, TensorIndex source) {
  result_.storage[tensor] = storage(source);
}

void Lowering::onWrite(TensorIndex tensor, std::function<void()> repack) {
  result_.repacks[tensor].push_back(std::move(repack));
}

Lowering::Result Lowering::finish() {
  for (const TensorIndex tensor : view_.hostTensors()) storage(tensor);
  result_.bytes = budget_.usedBytes();
  return std::move(result_);
}

}  // namespace mpsbench::cpu
