#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/graph.h"

namespace mpsbench {

using OpIndex = std::size_t;

/** Which ops make and read each tensor of a graph: what a backend asks before it joins ops. */
class DataFlow {
 public:
  /** The flow must not outlive `graph`. */
  explicit DataFlow(const Graph& graph);

  /** In the order of the ops. */
  [[nodiscard]] const std::vector<OpIndex>& readers(TensorIndex tensor) const {
    return readers_[tensor];
  }
  /** The op that makes the tensor; none for one that the host writes, updated in place or not. */
  [[nodiscard]] std::optional<OpIndex> writer(TensorIndex tensor) const { return writer_[tensor]; }
  /** The one op that reads `tensor`, where nothing else does, the host included. */
  [[nodiscard]] std::optional<OpIndex> onlyReader(TensorIndex tensor) const;

 private:
  const Graph& graph_;
  std::vector<std::vector<OpIndex>> readers_;
  std::vector<std::optional<OpIndex>> writer_;
};

}  // namespace mpsbench
