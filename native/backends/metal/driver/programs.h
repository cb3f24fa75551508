#pragma once

#import <Metal/Metal.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "backends/metal/driver/kernel_source.h"
#include "backends/metal/driver/owner.h"

namespace mpsbench::metal {

/** A kernel's pipeline. */
using Kernel = Owned<id<MTLComputePipelineState>>;

/** Compiles kernels/ for one device, each specialisation once in its life. */
class Programs {
 public:
  explicit Programs(id<MTLDevice> device) : device_(Owned<id<MTLDevice>>::retain(device)) {}

  /**
   * The kernel function `entry` of a file, for example `kernel("add.metal", {{"TYPE", "float"}},
   * "add")`, in the MSL of macOS 13 and without fast math.
   * @throws Error `unsupported` with the compiler's log
   */
  Kernel kernel(std::string_view file, const Macros& macros, const std::string& entry);

 private:
  Owned<id<MTLLibrary>> compile(const std::string& source) const;

  Owned<id<MTLDevice>> device_;
  std::map<std::string, Owned<id<MTLLibrary>>> libraries_;
  std::map<std::pair<std::string, std::string>, Kernel> kernels_;
};

}  // namespace mpsbench::metal
