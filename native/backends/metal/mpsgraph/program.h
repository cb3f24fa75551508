#pragma once

#import <Metal/Metal.h>
#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <array>
#include <vector>

#include "backends/metal/driver/owner.h"
#include "backends/metal/driver/tensors.h"
#include "backends/metal/mpsgraph/lowering.h"

namespace mpsbench::metal {

/** A graph, or a part of it, compiled by MPSGraph for one GPU, and what its encodings take. */
class Program {
 public:
  /**
   * `tensors` must outlive it.
   * @param crossing the buffers of tensors that cross parts, by tensor; empty ones for the others
   * @throws Error `unsupported`, `device_lost`
   */
  Program(Lowered lowered, const Tensors& tensors, const std::vector<PhasedBuffer>& crossing,
          id<MTLDevice> device);

  /** Encodes one iteration of this phase. */
  void encode(MPSCommandBuffer* buffer, std::size_t phase) const;

 private:
  void compileFor(id<MTLDevice> device);
  void orderPorts(const std::vector<PhasedBuffer>& crossing);
  [[nodiscard]] Owned<NSArray*> dataOf(const std::vector<TensorIndex>& tensors,
                                       const std::vector<PhasedBuffer>& crossing, bool areResults,
                                       std::size_t phase) const;

  const Tensors& tensors_;
  /** Owns the symbols that the executable refers to. */
  Lowered lowered_;
  Owned<MPSGraphExecutable*> executable_;
  /** What every encoding takes, by phase. */
  std::array<Owned<NSArray*>, 2> inputs_;
  std::array<Owned<NSArray*>, 2> results_;
};

}  // namespace mpsbench::metal
