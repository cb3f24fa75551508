#pragma once

#import <Metal/Metal.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "backends/metal/driver/owner.h"
#include "backends/metal/driver/programs.h"

namespace mpsbench::metal {

/** A buffer for each phase of an executable: a state that a graph updates has two, which change places. */
using PhasedBuffer = std::array<Owned<id<MTLBuffer>>, 2>;

/** The threadgroups of a dispatch and the threads of each. */
struct LaunchShape {
  std::array<std::size_t, 3> groups = {1, 1, 1};
  std::array<std::size_t, 3> threads = {1, 1, 1};
};

/** One dispatch with its arguments. */
class Launch {
 public:
  /** @throws Error `unsupported` where the pipeline takes fewer threads in a threadgroup */
  Launch(Kernel kernel, const LaunchShape& shape);

  /** Arguments, in the order of their indices; buffers and bytes share one row of them. */
  Launch& buffer(PhasedBuffer buffer);
  template <class Value>
  Launch& value(const Value& value) {
    std::vector<std::byte> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    arguments_.push_back({{}, std::move(bytes)});
    return *this;
  }
  /** Threadgroup memory of at least so many bytes. */
  Launch& groupMemory(std::size_t bytes);

  /** Encodes it after all that the encoder has. */
  void encode(id<MTLComputeCommandEncoder> encoder, std::size_t phase) const;
  /** The same with other bytes for the argument `index`. */
  template <class Value>
  [[nodiscard]] Launch with(std::size_t index, const Value& value) const {
    Launch changed = *this;
    std::memcpy(changed.arguments_[index].bytes.data(), &value, sizeof value);
    return changed;
  }

 private:
  struct Argument {
    PhasedBuffer buffer;
    /** In place of a buffer, unless it is empty. */
    std::vector<std::byte> bytes;
  };

  Kernel kernel_;
  LaunchShape shape_;
  std::vector<Argument> arguments_;
  std::vector<std::size_t> groupMemory_;
};

}  // namespace mpsbench::metal
