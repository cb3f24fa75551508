#pragma once

#import <Metal/Metal.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "backends/metal/driver/kernel_call.h"
#include "backends/metal/driver/owner.h"
#include "backends/metal/driver/programs.h"

namespace mpsbench::metal {

/** A buffer for each phase of an executable: a state that a graph updates has two, which change
 * places. */
using PhasedBuffer = std::array<Owned<id<MTLBuffer>>, 2>;

/** One dispatch with its arguments. */
class Launch {
 public:
  /** @throws Error `unsupported` where the pipeline takes fewer threads in a threadgroup */
  Launch(Kernel kernel, const KernelCall& call);

  /** The next buffer, at the first index that has no argument yet. */
  Launch& buffer(PhasedBuffer buffer);

  /** Encodes it after all that the encoder has. */
  void encode(id<MTLComputeCommandEncoder> encoder, std::size_t phase) const;
  /** The same work in up to `most` dispatches, one after the other; in one where the kernel cannot
   * be cut. */
  [[nodiscard]] std::vector<Launch> bands(std::size_t most) const;
  /** The same with another value for the constant argument `index`. */
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
  std::vector<std::size_t> groupMemory_;
  std::vector<Argument> arguments_;
  std::size_t next_ = 0;
  std::optional<std::size_t> bandArgument_;
};

}  // namespace mpsbench::metal
