#pragma once

#import <Metal/Metal.h>

#include <string>
#include <vector>

#include "backends/metal/driver/owner.h"
#include "core/graph.h"

namespace mpsbench::metal {

/**
 * The buffers of one executable. Where the GPU shares the host's memory they are shared; on a GPU
 * with memory of its own they are private to it, and the host goes through a staging buffer.
 */
class Buffers {
 public:
  Buffers(id<MTLDevice> device, id<MTLCommandQueue> queue);

  /** What is left of the recommended working set; all that can be counted where none is stated. */
  [[nodiscard]] std::uint64_t freeBytes() const;
  /** Checks, before anything is allocated, that `bytes` more fit the recommended working set.
   * @throws Error `out_of_memory` */
  void require(std::uint64_t bytes) const;
  /** A buffer for the tensor. @throws Error `out_of_memory` */
  [[nodiscard]] Owned<id<MTLBuffer>> allocate(const Tensor& tensor) const;
  /** @param what begins a message: "The tensor 'x'" */
  [[nodiscard]] Owned<id<MTLBuffer>> allocate(std::uint64_t bytes, const std::string& what) const;
  /** Zeroes them on the GPU, which also makes them resident before anything is timed. */
  void clear(const std::vector<id<MTLBuffer>>& buffers) const;
  /** Copies the host's values into the tensor's buffer; no GPU work may be using it. */
  void write(id<MTLBuffer> buffer, const Tensor& tensor, const HostView& values) const;
  void read(id<MTLBuffer> buffer, const Tensor& tensor, const HostSpan& values) const;

  /** What the tensor takes: blits count in units of 4 bytes on macOS, kernels like 16. */
  static std::uint64_t roundedBytes(const Tensor& tensor);

 private:
  [[nodiscard]] Owned<id<MTLBuffer>> staging(const Tensor& tensor) const;
  void copy(id<MTLBuffer> from, id<MTLBuffer> to, const Tensor& tensor) const;

  Owned<id<MTLDevice>> device_;
  Owned<id<MTLCommandQueue>> queue_;
  bool unified_;
};

}  // namespace mpsbench::metal
