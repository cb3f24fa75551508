#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/driver/buffer.h"
#include "backends/cuda/driver/context.h"
#include "backends/cuda/driver/launch.h"
#include "core/backend.h"
#include "core/matching.h"

namespace mpsbench::cuda {

class Lowering;

/** One way to do a step. The fastest of a step's candidates, measured on the device, is kept. */
struct Candidate {
  /** For the placement table: the kernel's file and its parameters, or a library's algorithm. */
  std::string name;
  /**
   * Enqueues the whole step. It is captured into a CUDA graph: no allocation, no synchronisation,
   * the same work at every call. A `Launch` is one; several are called in a lambda that owns them,
   * and the buffers of `Lowering::scratch` with them. Empty if there is nothing to do.
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

using Match = mpsbench::Match<Candidate, Lowering>;
using Matcher = mpsbench::Matcher<Candidate, Lowering, Facts>;
using LoweredStep = mpsbench::LoweredStep<Candidate>;

/** The executable under construction: its graph and its memory. */
class Lowering {
 public:
  /** `graph` must outlive this and the steps. @throws Error `out_of_memory` */
  Lowering(const Graph& graph, Context& context, Memory& memory,
           KernelLevel level = KernelLevel::best);

  [[nodiscard]] const Graph& graph() const { return view_.graph(); }
  [[nodiscard]] const Op& op(OpIndex index) const { return view_.op(index); }
  [[nodiscard]] const OpSpec& spec(OpIndex index) const { return view_.spec(index); }
  [[nodiscard]] const Facts& facts() const { return context_.facts(); }
  [[nodiscard]] Context& context() { return context_; }

  /** As `Programs::kernel`. */
  Kernel kernel(std::string_view file, const std::vector<std::string>& options,
                const std::string& entry) {
    return context_.programs().kernel(file, options, entry);
  }

  /**
   * The row-major values of a tensor, at least 256 bytes aligned; allocated at the first call, so
   * that unused tensors need no memory. Call it from `build`, not from the matcher.
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

  /** Lowers every op. @throws Error `unsupported`, `out_of_memory` */
  std::vector<LoweredStep> lowerAll();

  /** The buffers of tensors, by tensor; empty if a tensor never became memory. */
  std::vector<std::shared_ptr<DeviceBuffer>> takeBuffers() { return std::move(buffers_); }

 private:
  GraphView view_;
  Context& context_;
  Memory& memory_;
  KernelLevel level_;
  std::vector<std::shared_ptr<DeviceBuffer>> buffers_;
  std::weak_ptr<DeviceBuffer> workspace_;
};

}  // namespace mpsbench::cuda
