#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backends/cpu/buffer.h"
#include "core/backend.h"
#include "core/data_flow.h"

namespace mpsbench::cpu {

/** The executable under construction: its memory, its steps, and what each op may be fused with. */
class Lowering {
 public:
  /** `graph` must outlive this and the steps. @throws Error `out_of_memory` */
  Lowering(const Graph& graph, int threads, std::uint64_t freeBytes);

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Op& op(OpIndex index) const { return graph_.ops[index]; }
  [[nodiscard]] int threads() const { return threads_; }

  /** The row-major storage of a tensor, allocated at the first call. */
  void* storage(TensorIndex tensor);
  template <class T>
  T* data(TensorIndex tensor) {
    return static_cast<T*>(storage(tensor));
  }
  /** Zeroed memory that lives as long as the executable. */
  void* scratch(std::size_t bytes);
  /** Makes `tensor` share the storage of `source`. Only before its first use. */
  void alias(TensorIndex tensor, TensorIndex source);

  /** As `DataFlow`'s, of the ops that no step has yet. */
  [[nodiscard]] bool canJoin(OpIndex op, const std::vector<OpIndex>& group) const {
    return flow_.canJoin(op, group, lowered_);
  }
  [[nodiscard]] std::optional<OpIndex> fusable(TensorIndex tensor, OpKind kind,
                                               const std::vector<OpIndex>& group) const {
    return flow_.fusable(tensor, kind, group, lowered_);
  }
  [[nodiscard]] std::optional<OpIndex> updateOf(OpIndex gradient) const {
    return flow_.updateOf(gradient, lowered_);
  }

  /** Adds the next step. `run` must not allocate. */
  void emit(const std::vector<OpIndex>& ops, std::string kernel, std::function<void()> run);
  /** Calls `repack` whenever the host has written `tensor`. */
  void onWrite(TensorIndex tensor, std::function<void()> repack);

  [[nodiscard]] bool isLowered(OpIndex index) const { return lowered_[index]; }

  /** What the executable takes over. */
  struct Result {
    std::vector<Step> steps;
    std::vector<std::function<void()>> runs;
    std::vector<void*> storage;
    std::vector<std::vector<std::function<void()>>> repacks;
    std::vector<Buffer> buffers;
    std::uint64_t bytes = 0;
  };
  /** Gives every tensor that the host can reach its storage, and ends the lowering. */
  Result finish();

 private:
  const Graph& graph_;
  int threads_;
  MemoryBudget budget_;
  std::vector<bool> lowered_;
  DataFlow flow_;
  Result result_;
};

}  // namespace mpsbench::cpu
