#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/buffer.h"
#include "backends/cuda/context.h"
#include "backends/cuda/launch.h"
#include "core/backend.h"
#include "core/data_flow.h"

namespace mpsbench::cuda {

class Lowering;

/** One way to do a step. The fastest of a step's candidates, measured on the device, is kept. */
struct Candidate {
  /** For the placement table: the kernel's file and its parameters, or a library's algorithm. */
  std::string name;
  /**
   * Enqueues the whole step. It is captured into a CUDA graph: no allocation, no synchronisation,
   * the same work at every call. A `Launch` is one; several are called in a lambda that owns them,
   * and the buffers of `Lowering::scratch` with them. Empty where there is nothing to do.
   */
  std::function<void(CUstream)> enqueue;
  /** Weights that `prepare` brings into an order of the candidate's own. */
  std::vector<TensorIndex> weights = {};
  /** Enqueued before the first run, and again whenever the host has written one of `weights`. */
  std::function<void(CUstream)> prepare = {};
  /**
   * Enqueues the step so many times in one launch; for a step that may be a whole iteration and is
   * shorter than a launch. Empty: `enqueue` is called as often.
   */
  std::function<void(CUstream, std::int32_t times)> enqueueTimes = {};
};

/** Ops that can become one step. */
struct Match {
  /** The op asked for and the later ones done with it, ascending. */
  std::vector<OpIndex> ops;
  /**
   * Compiles the candidates; called only where no match with more ops gave any. None, or an Error
   * `unsupported`, where it turns out that nothing fits. At least one must run: once there are
   * candidates, no narrower match is tried.
   */
  std::function<std::vector<Candidate>()> build;
};

/**
 * Looks at the op and what follows; nothing where it does not apply. Matches of the same ops, from
 * several matchers, compete by measurement; more ops win over fewer without one.
 */
using Matcher = std::optional<Match> (*)(Lowering& lowering, OpIndex op);

/** A step that will run: its ops and the ways to do it. */
struct LoweredStep {
  std::vector<OpIndex> ops;
  std::vector<Candidate> candidates;
  /** Why a library is not among the candidates; empty where it is, or would not be. */
  std::string missing;
};

/** The executable under construction: its memory, and what each op may be fused with. */
class Lowering {
 public:
  /** `graph` must outlive this and the steps. @throws Error `out_of_memory` */
  Lowering(const Graph& graph, Context& context, Memory& memory);

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Op& op(OpIndex index) const { return graph_.ops[index]; }
  [[nodiscard]] const OpSpec& spec(OpIndex index) const { return graph_.ops[index].spec; }
  [[nodiscard]] const DeviceFacts& facts() const { return context_.facts(); }
  /** f32 products may round their factors to TF32. */
  [[nodiscard]] bool tf32() const { return context_.tf32(); }
  [[nodiscard]] Context& context() { return context_; }

  /** As `Programs::kernel`. */
  Kernel kernel(std::string_view file, const std::vector<std::string>& options,
                const std::string& entry) {
    return context_.programs().kernel(file, options, entry);
  }

  /**
   * The row-major values of a tensor, at least 256 bytes aligned; allocated at the first call, so
   * that tensors nobody asks for take no memory. Call it from `build`, not from the matcher.
   * @throws Error `out_of_memory`
   */
  CUdeviceptr data(TensorIndex tensor);
  /** Makes `tensor` share the memory of `source`. Only before its first use. */
  void alias(TensorIndex tensor, TensorIndex source);
  /** Memory of a candidate's own, zeroed once; freed with the candidate. @throws Error */
  std::shared_ptr<DeviceBuffer> scratch(std::size_t bytes);
  /** Memory that every step of the executable may use while it runs, for a library's workspace. */
  std::shared_ptr<DeviceBuffer> workspace();
  static constexpr std::size_t kWorkspaceBytes = std::size_t{64} << 20;

  /** The one op that reads `tensor`, where nothing else does, the host included. */
  [[nodiscard]] std::optional<OpIndex> onlyReader(TensorIndex tensor) const {
    return flow_.onlyReader(tensor);
  }
  /** As `DataFlow`'s, of the ops that no step has yet. */
  [[nodiscard]] bool canRunTogether(const std::vector<OpIndex>& ops) const {
    return flow_.canRunTogether(ops, lowered_);
  }
  [[nodiscard]] std::optional<OpIndex> fusable(TensorIndex tensor, OpKind kind,
                                               const std::vector<OpIndex>& group) const {
    return flow_.fusable(tensor, kind, group, lowered_);
  }
  [[nodiscard]] std::optional<OpIndex> updateOf(OpIndex gradient) const {
    return flow_.updateOf(gradient, lowered_);
  }
  /** Every op that reads the tensor, ascending. */
  [[nodiscard]] const std::vector<OpIndex>& readers(TensorIndex tensor) const {
    return flow_.readers(tensor);
  }
  /** Whether the host or an op outside `ops` sees the tensor, so that it must be written. */
  [[nodiscard]] bool seenOutside(TensorIndex tensor, const std::vector<OpIndex>& ops) const;

  /** Lowers every op. @throws Error `unsupported`, `out_of_memory` */
  std::vector<LoweredStep> lowerAll();

  /** The buffers of tensors, by tensor; empty where a tensor never became memory. */
  std::vector<std::shared_ptr<DeviceBuffer>> takeBuffers() { return std::move(buffers_); }

 private:
  LoweredStep lower(OpIndex op);

  const Graph& graph_;
  Context& context_;
  Memory& memory_;
  std::vector<bool> lowered_;
  DataFlow flow_;
  std::vector<std::shared_ptr<DeviceBuffer>> buffers_;
  std::weak_ptr<DeviceBuffer> workspace_;
};

}  // namespace mpsbench::cuda
