#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/graph.h"

namespace mpsbench {

using OpIndex = std::size_t;

/**
 * Which ops make and read each tensor of a graph, and which ops may therefore become one step: what
 * a backend asks before it joins ops. `lowered` says of each op whether a step has it already.
 */
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

  /**
   * Whether `ops` (ascending) can run together in place of the first of them: none is lowered, all
   * that they read from outside the group is there by then, and nobody in between would see the
   * difference. An op of the group may read a state that another one updates: the step must see to
   * it that it reads the old value.
   */
  [[nodiscard]] bool canRunTogether(const std::vector<OpIndex>& ops,
                                    const std::vector<bool>& lowered) const;
  /** Whether `op`, which is not in `group` (ascending), can run together with it. */
  [[nodiscard]] bool canJoin(OpIndex op, std::vector<OpIndex> group,
                             const std::vector<bool>& lowered) const;
  /** As `onlyReader`, where that op is of this kind, takes the tensor as its first input, and can
   * join `group`. */
  [[nodiscard]] std::optional<OpIndex> fusable(TensorIndex tensor, OpKind kind,
                                               const std::vector<OpIndex>& group,
                                               const std::vector<bool>& lowered) const;
  /** The sgd_update that alone reads the output of `gradient` and can run with it, each element as
   * soon as it is computed: `gradient` does not read what is updated. */
  [[nodiscard]] std::optional<OpIndex> updateOf(OpIndex gradient,
                                                const std::vector<bool>& lowered) const;

 private:
  const Graph& graph_;
  std::vector<std::vector<OpIndex>> readers_;
  std::vector<std::optional<OpIndex>> writer_;
};

}  // namespace mpsbench
