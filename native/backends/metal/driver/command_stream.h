#pragma once

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "backends/metal/driver/owner.h"

namespace mpsbench::metal {

/** The command buffers that one batch was committed as, in the order of the queue. */
using CommandBuffers = std::vector<Owned<id<MTLCommandBuffer>>>;

/** Encodes blits into a command buffer of their own and waits for it. @throws Error */
void runBlits(id<MTLCommandQueue> queue,
              const std::function<void(id<MTLBlitCommandEncoder>)>& encode);

/**
 * Sends batches to the GPU, a bounded number at a time, and adds up the time that it was busy.
 * The encoded code may commit and continue: every command buffer that a batch went through is
 * waited for, checked and counted.
 */
class CommandStream {
 public:
  /**
   * The stream must not outlive `queue`.
   * @param inFlight the most batches on the GPU and waiting for it
   */
  CommandStream(id<MTLCommandQueue> queue, std::size_t inFlight)
      : queue_(queue), largestInFlight_(inFlight) {}
  /** Waits for what is still on the GPU; its errors are lost. */
  ~CommandStream();
  CommandStream(const CommandStream&) = delete;
  CommandStream& operator=(const CommandStream&) = delete;

  /**
   * Commits one batch of `times` calls of `encode`, after waiting for the oldest batch where too
   * many are in flight.
   * @throws Error what `encode` throws, or the error of a batch that has finished
   */
  void submit(std::int64_t times, const std::function<void(MPSCommandBuffer*)>& encode);
  /** Waits for everything. @throws Error of the first command buffer that failed */
  void finish();
  /** By the GPU's clock, of all that has finished; nothing where it gave no times. */
  [[nodiscard]] std::optional<double> busyNs() const;

 private:
  void waitForOldest();

  id<MTLCommandQueue> queue_;
  std::size_t largestInFlight_;
  std::deque<CommandBuffers> inFlight_;
  double busySeconds_ = 0;
  double busyUntil_ = 0;
};

}  // namespace mpsbench::metal
