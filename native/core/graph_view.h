#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/graph.h"

namespace mpsbench {

using OpIndex = std::size_t;

/**
 * A graph while it is lowered: which ops write and read each tensor, which ops already belong to a
 * step, and which ops may therefore become one step together. What matchers ask.
 */
class GraphView {
 public:
  /** The view must not outlive `graph`. */
  explicit GraphView(const Graph& graph);

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Op& op(OpIndex index) const { return graph_.ops[index]; }
  [[nodiscard]] const OpSpec& spec(OpIndex index) const { return graph_.ops[index].spec; }
  [[nodiscard]] const Tensor& output(OpIndex index) const { return graph_.output(op(index)); }
  /** Whether input `operand` of the op is a weight: only the host changes it. */
  [[nodiscard]] bool takesWeight(OpIndex index, std::size_t operand) const {
    return graph_.input(op(index), operand).role == Role::weight;
  }

  /** Whether the op already belongs to a step. */
  [[nodiscard]] bool isTaken(OpIndex index) const { return taken_[index]; }
  /** Marks the ops as belonging to a step. */
  void take(const std::vector<OpIndex>& ops);

  /** The ops that read the tensor, ascending. */
  [[nodiscard]] const std::vector<OpIndex>& readers(TensorIndex tensor) const {
    return readers_[tensor];
  }
  /** The op that computes the tensor; none for one that the host writes, updated in place or not.
   */
  [[nodiscard]] std::optional<OpIndex> writer(TensorIndex tensor) const { return writer_[tensor]; }
  /** The only op that reads `tensor`, if nothing else does, the host included. */
  [[nodiscard]] std::optional<OpIndex> onlyReader(TensorIndex tensor) const;
  /** Whether the host can write or read the tensor, so that it needs memory. */
  [[nodiscard]] bool hostReaches(TensorIndex tensor) const;
  /** The tensors that the host can reach. */
  [[nodiscard]] std::vector<TensorIndex> hostTensors() const;
  /** Whether the host or an op outside `ops` sees the tensor, so that it must be written. */
  [[nodiscard]] bool seenOutside(TensorIndex tensor, const std::vector<OpIndex>& ops) const;

  /**
   * Whether `ops` (ascending) can run together in place of the first of them: none is taken, all
   * that they read from outside the group exists by then, and no op in between could tell the
   * difference. An op of the group may read a state that another one updates: the step must make
   * sure that it reads the old value.
   */
  [[nodiscard]] bool canRunTogether(const std::vector<OpIndex>& ops) const;
  /** Whether `op`, which is not in `group` (ascending), can run together with it. */
  [[nodiscard]] bool canJoin(OpIndex op, std::vector<OpIndex> group) const;
  /** As `onlyReader`, if that op is of this kind, takes the tensor as its first input, and can join
   * `group`. */
  [[nodiscard]] std::optional<OpIndex> fusable(TensorIndex tensor, OpKind kind,
                                               const std::vector<OpIndex>& group) const;
  /** `first` and the ops of these kinds that follow it one by one, as far as they are `fusable`. */
  [[nodiscard]] std::vector<OpIndex> chain(OpIndex first, std::span<const OpKind> kinds) const;
  /** The sgd_update that alone reads the output of `gradient` and can run with it, each element as
   * soon as it is computed: `gradient` does not read what is updated. */
  [[nodiscard]] std::optional<OpIndex> updateOf(OpIndex gradient) const;

 private:
  const Graph& graph_;
  std::vector<std::vector<OpIndex>> readers_;
  std::vector<std::optional<OpIndex>> writer_;
  std::vector<bool> taken_;
};

}  // namespace mpsbench
