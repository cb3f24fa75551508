#include "backends/cpu/lowering.h"

#include <algorithm>
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

std::optional<OpIndex> Lowering::fusable(TensorIndex tensor, OpKind kind, OpIndex at) const {
  const auto reader = onlyReader(tensor);
  if (!reader || op(*reader).spec.kind != kind || op(*reader).inputs[0] != tensor) {
    return std::nullopt;
  }
  if (!flow_.writer(tensor) || !canRunAt(*reader, at, {*flow_.writer(tensor)})) return std::nullopt;
  return reader;
}

std::optional<OpIndex> Lowering::updateOf(OpIndex gradient) const {
  const auto reader = onlyReader(op(gradient).output);
  if (!reader || op(*reader).spec.kind != OpKind::sgdUpdate) return std::nullopt;
  if (!canRunAt(*reader, gradient, {gradient})) return std::nullopt;
  return reader;
}

bool Lowering::canRunAt(OpIndex later, OpIndex at, const std::vector<OpIndex>& group) const {
  const Op& moved = op(later);
  for (const TensorIndex input : moved.inputs) {
    const auto writer = flow_.writer(input);
    if (!writer || *writer <= at || lowered_[*writer]) continue;
    if (std::find(group.begin(), group.end(), *writer) == group.end()) return false;
  }
  if (moved.spec.kind != OpKind::sgdUpdate) return true;
  // An update must not overtake an op that still reads the old value.
  return std::all_of(
      flow_.readers(moved.output).begin(), flow_.readers(moved.output).end(),
      [&](OpIndex reader) { return reader == later || reader < at || lowered_[reader]; });
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
