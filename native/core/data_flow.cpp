#include "core/data_flow.h"

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

}  // namespace mpsbench
