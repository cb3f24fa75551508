#pragma once

#import <Metal/Metal.h>
#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <array>
#include <vector>

#include "backends/metal/driver/buffer.h"
#include "backends/metal/driver/owner.h"
#include "backends/metal/hardware/limits.h"
#include "backends/metal/lowering.h"
#include "core/graph.h"

namespace mpsbench::metal {

/** A graph compiled for one GPU, and the buffers that it runs on. */
class Program {
 public:
  /** `graph` and `queue` must outlive it. @throws Error `unsupported`, `out_of_memory`,
   * `device_lost` */
  Program(const Graph& graph, id<MTLDevice> device, id<MTLCommandQueue> queue);

  /** Encodes one iteration. Iterations must run in the order in which they were encoded. */
  void encode(MPSCommandBuffer* buffer);

  /** The value of the tensor as the last encoded iteration leaves it. */
  void write(TensorIndex tensor, const HostView& values) const;
  void read(TensorIndex tensor, const HostSpan& values) const;

  /** What the tensors at the edge of the graph take. */
  [[nodiscard]] std::uint64_t bytes() const { return buffers_.bytes(); }
  /** What MPSGraph allocates at most for an encoded iteration that has not completed. */
  [[nodiscard]] std::uint64_t temporaryBytes() const { return temporaryBytes_; }
  /** What is left of the recommended working set. */
  [[nodiscard]] std::uint64_t freeBytes() const { return buffers_.freeBytes(); }

 private:
  /** An MTLBuffer and MPSGraph's view of it. */
  struct Slot {
    Owned<id<MTLBuffer>> buffer;
    Owned<MPSGraphTensorData*> data;
  };

  void allocate();
  Slot newSlot(const Tensor& tensor);
  void compileFor(id<MTLDevice> device);
  void orderPorts();
  [[nodiscard]] Owned<NSArray*> dataOf(const std::vector<TensorIndex>& tensors,
                                       std::size_t phase) const;

  const Graph& graph_;
  Limits limits_;
  std::uint64_t temporaryBytes_;
  Buffers buffers_;
  /** Owns the symbols that the executable refers to. */
  Lowered lowered_;
  /**
   * A state that the graph updates has two buffers: an iteration reads that of its phase and fills
   * the other, so that no kernel writes what another one still reads. Any other tensor has the same
   * one twice; what the host cannot reach and no iteration leaves behind has none.
   */
  std::vector<std::array<Slot, 2>> slots_;
  Owned<MPSGraphExecutable*> executable_;
  /** What every encoding takes, by phase. */
  std::array<Owned<NSArray*>, 2> inputs_;
  std::array<Owned<NSArray*>, 2> results_;
  std::size_t phase_ = 0;
};

}  // namespace mpsbench::metal
