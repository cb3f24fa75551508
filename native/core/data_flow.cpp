#include "core/data_flow.h"

#include <algorithm>

namespace mpsbench {

DataFlow::DataFlow(const Graph& graph)
    : graph_(graph), readers_(graph.tensors.size()), writer_(graph.tensors.size()) {
  for (OpIndex i = 0; i < graph.ops.size(); ++i) {
    for (const TensorIndex input : graph.ops[i].inputs) readers_[input].push_back(i);
    if (graph.ops[i].spec.kind != OpKind::sgdUpdate) writer_[graph.ops[i].output] = i;
  }
}

std::optional<OpIndex> DataFlow::onlyReader(TensorIndex tensor) const {
  if (graph_.tensors[tensor].role != Role::temp || graph_.isOutput(tensor)) return std::nullopt;
  const auto& readers = readers_[tensor];
  if (readers.size() != 1) return std::nullopt;
  return readers.front();
}

bool DataFlow::canRunTogether(const std::vector<OpIndex>& ops,
                              const std::vector<bool>& lowered) const {
  /** Whether the op runs before the group, or in it. */
  const auto isDone = [&](OpIndex index) {
    return index < ops.front() || lowered[index] ||
           std::binary_search(ops.begin(), ops.end(), index);
  };
  return std::all_of(ops.begin(), ops.end(), [&](OpIndex index) {
    if (lowered[index]) return false;
    const Op& op = graph_.ops[index];
    const bool ready = std::all_of(op.inputs.begin(), op.inputs.end(), [&](TensorIndex input) {
      return !writer_[input] || isDone(*writer_[input]);
    });
    if (!ready || op.spec.kind != OpKind::sgdUpdate) return ready;
    // An update must not overtake an op that still reads the old value.
    const auto& readers = readers_[op.output];
    return std::all_of(readers.begin(), readers.end(), isDone);
  });
}

bool DataFlow::canJoin(OpIndex op, std::vector<OpIndex> group,
                       const std::vector<bool>& lowered) const {
  group.insert(std::upper_bound(group.begin(), group.end(), op), op);
  return canRunTogether(group, lowered);
}

std::optional<OpIndex> DataFlow::fusable(TensorIndex tensor, OpKind kind,
                                         const std::vector<OpIndex>& group,
                                         const std::vector<bool>& lowered) const {
  const auto reader = onlyReader(tensor);
  if (!reader) return std::nullopt;
  const Op& op = graph_.ops[*reader];
  if (op.spec.kind != kind || op.inputs[0] != tensor) return std::nullopt;
  if (!canJoin(*reader, group, lowered)) return std::nullopt;
  return reader;
}

std::optional<OpIndex> DataFlow::updateOf(OpIndex gradient,
                                          const std::vector<bool>& lowered) const {
  const Op& op = graph_.ops[gradient];
  const auto reader = onlyReader(op.output);
  if (!reader || graph_.ops[*reader].spec.kind != OpKind::sgdUpdate) return std::nullopt;
  const TensorIndex state = graph_.ops[*reader].output;
  if (std::find(op.inputs.begin(), op.inputs.end(), state) != op.inputs.end()) return std::nullopt;
  if (!canRunTogether({gradient, *reader}, lowered)) return std::nullopt;
  return reader;
}

}  // namespace mpsbench
