#pragma once

#import <Metal/Metal.h>

#include <vector>

#include "backends/metal/driver/buffer.h"
#include "backends/metal/driver/launch.h"
#include "core/graph.h"

namespace mpsbench::metal {

/** Whether some op reads each tensor. */
std::vector<bool> tensorsRead(const Graph& graph);

/** Per tensor, whether it is still there after an iteration: outputs, updated states, and temps
 * that no op reads. */
std::vector<bool> tensorsLeft(const Graph& graph);

/**
 * The buffers of an executable's tensors. A state that the graph updates has two: an iteration
 * reads that of its phase and fills the other, so that no kernel writes what another one still
 * reads. Any other tensor that the host can reach or an iteration leaves behind has one; the rest
 * has none.
 */
class Tensors {
 public:
  /** `graph` must outlive it. @throws Error `out_of_memory` before anything is allocated */
  Tensors(const Graph& graph, id<MTLDevice> device, id<MTLCommandQueue> queue);

  /** What an iteration of each phase reads. */
  [[nodiscard]] const PhasedBuffer& read(TensorIndex tensor) const { return slots_[tensor]; }
  /** What an iteration of each phase fills: for an updated state the other one. */
  [[nodiscard]] PhasedBuffer written(TensorIndex tensor) const {
    return {slots_[tensor][1], slots_[tensor][0]};
  }
  /** Memory of a kernel's own, zeroed. @throws Error `out_of_memory` */
  PhasedBuffer scratch(std::uint64_t bytes);
  /** Zeroes all tensors. */
  void clear() const;

  /** The value of the tensor before an iteration of this phase. */
  void write(TensorIndex tensor, std::size_t phase, const HostView& values) const;
  void read(TensorIndex tensor, std::size_t phase, const HostSpan& values) const;

  [[nodiscard]] const Graph& graph() const { return graph_; }
  /** What the tensors take. */
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /** What is left of the recommended working set. */
  [[nodiscard]] std::uint64_t freeBytes() const { return buffers_.freeBytes(); }
  /** As `Buffers::require`. */
  void require(std::uint64_t bytes) const { buffers_.require(bytes); }

 private:
  const Graph& graph_;
  Buffers buffers_;
  std::vector<PhasedBuffer> slots_;
  std::uint64_t bytes_ = 0;
};

}  // namespace mpsbench::metal
