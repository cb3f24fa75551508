#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backends/cpu/buffer.h"
#include "core/backend.h"
#include "core/matching.h"

namespace mpsbench::cpu {

class Lowering;

/** What kernels are chosen by. */
struct Facts {
  int threads = 1;
};

/** A way to run a step. */
struct Candidate {
  /** For the placement table. */
  std::string name;
  /** Runs the whole step; must not allocate. */
  std::function<void()> run;
};

using Match = mpsbench::Match<Candidate, Lowering>;
using Matcher = mpsbench::Matcher<Candidate, Lowering, Facts>;

/** The executable under construction: its graph and its memory. */
class Lowering {
 public:
  /** `view` must outlive this, and its graph the steps. @throws Error `out_of_memory` */
  Lowering(const GraphView& view, const Facts& facts, std::uint64_t freeBytes);

  [[nodiscard]] const GraphView& view() const { return view_; }
  [[nodiscard]] const Graph& graph() const { return view_.graph(); }
  [[nodiscard]] const Op& op(OpIndex index) const { return view_.op(index); }
  [[nodiscard]] int threads() const { return facts_.threads; }

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
  /** Calls `repack` whenever the host has written `tensor`. */
  void onWrite(TensorIndex tensor, std::function<void()> repack);

  /** What the executable keeps. */
  struct Result {
    std::vector<void*> storage;
    std::vector<std::vector<std::function<void()>>> repacks;
    std::vector<Buffer> buffers;
    std::uint64_t bytes = 0;
  };
  /** Gives every tensor that the host can reach its storage, and ends the lowering. */
  Result finish();

 private:
  const GraphView& view_;
  Facts facts_;
  MemoryBudget budget_;
  Result result_;
};

}  // namespace mpsbench::cpu
