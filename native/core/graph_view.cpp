#include "core/graph_view.h"

#include <algorithm>

namespace mpsbench {

GraphView::GraphView(const Graph& graph)
    : graph_(graph),
      readers_(graph.tensors.size()),
      writer_(graph.tensors.size()),
      taken_(graph.ops.size(), false) {
  for (OpIndex i = 0; i < graph.ops.size(); ++i) {
    for (const TensorIndex input : graph.ops[i].inputs) readers_[input].push_back(i);
    if (graph.ops[i].spec.kind != OpKind::sgdUpdate) writer_[graph.ops[i].output] = i;
  }
}

void GraphView::take(const std::vector<OpIndex>& ops) {
  for (const OpIndex index : ops) taken_[index] = true;
}

bool GraphView::hostReaches(TensorIndex tensor) const {
  return graph_.tensors[tensor].role != Role::temp || graph_.isOutput(tensor);
}

std::vector<TensorIndex> GraphView::hostTensors() const {
  std::vector<TensorIndex> tensors;
  for (TensorIndex i = 0; i < graph_.tensors.size(); ++i) {
    if (hostReaches(i)) tensors.push_back(i);
  }
  return tensors;
}

std::optional<OpIndex> GraphView::onlyReader(TensorIndex tensor) const {
  if (hostReaches(tensor) || readers_[tensor].size() != 1) return std::nullopt;
  return readers_[tensor].front();
}

bool GraphView::seenOutside(TensorIndex tensor, const std::vector<OpIndex>& ops) const {
  if (hostReaches(tensor)) return true;
  return std::any_of(readers_[tensor].begin(), readers_[tensor].end(), [&](OpIndex reader) {
    return std::find(ops.begin(), ops.end(), reader) == ops.end();
  });
}

bool GraphView::canRunTogether(const std::vector<OpIndex>& ops) const {
  /** Whether the op runs before the group, or in it. */
  const auto isDone = [&](OpIndex index) {
    return index < ops.front() || taken_[index] ||
           std::binary_search(ops.begin(), ops.end(), index);
  };
  return std::all_of(ops.begin(), ops.end(), [&](OpIndex index) {
    if (taken_[index]) return false;
    const Op& candidate = op(index);
    const bool ready =
        std::all_of(candidate.inputs.begin(), candidate.inputs.end(),
                    [&](TensorIndex input) { return !writer_[input] || isDone(*writer_[input]); });
    if (!ready || candidate.spec.kind != OpKind::sgdUpdate) return ready;
    // An update must not overtake an op that still reads the old value.
    const auto& readers = readers_[candidate.output];
    return std::all_of(readers.begin(), readers.end(), isDone);
  });
}

bool GraphView::canJoin(OpIndex op, std::vector<OpIndex> group) const {
  group.insert(std::upper_bound(group.begin(), group.end(), op), op);
  return canRunTogether(group);
}

std::optional<OpIndex> GraphView::fusable(TensorIndex tensor, OpKind kind,
                                          const std::vector<OpIndex>& group) const {
  const auto reader = onlyReader(tensor);
  if (!reader || spec(*reader).kind != kind || op(*reader).inputs[0] != tensor) {
    return std::nullopt;
  }
  if (!canJoin(*reader, group)) return std::nullopt;
  return reader;
}

std::vector<OpIndex> GraphView::chain(OpIndex first, std::span<const OpKind> kinds) const {
  std::vector<OpIndex> ops = {first};
  for (const OpKind kind : kinds) {
    const auto next = fusable(op(ops.back()).output, kind, ops);
    if (!next) break;
    ops.push_back(*next);
  }
  return ops;
}

std::optional<OpIndex> GraphView::updateOf(OpIndex gradient) const {
  const auto reader = onlyReader(op(gradient).output);
  if (!reader || spec(*reader).kind != OpKind::sgdUpdate) return std::nullopt;
  const auto& inputs = op(gradient).inputs;
  const TensorIndex state = op(*reader).output;
  if (std::find(inputs.begin(), inputs.end(), state) != inputs.end()) return std::nullopt;
  if (!canRunTogether({gradient, *reader})) return std::nullopt;
  return reader;
}

}  // namespace mpsbench
