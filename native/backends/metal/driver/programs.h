#pragma once

#import <Metal/Metal.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/metal/driver/owner.h"
#include "core/dtype.h"

namespace mpsbench::metal {

/** Names and values that specialise a kernel. */
using Macros = std::vector<std::pair<std::string, std::string>>;

/** A kernel's pipeline. */
using Kernel = Owned<id<MTLComputePipelineState>>;

/** The type that kernels/prelude.h keeps a dtype in: bf16 as its bits. @throws Error `unsupported` for f64 */
const char* metalType(DType dtype);

/**
 * The source of a kernel file as Metal compiles it: macros first, then the text with the headers that it includes.
 * @throws Error `internal` for a file that does not exist
 */
std::string kernelSource(std::string_view file, const Macros& macros);

/** Compiles kernels/ for one device, each specialisation once in its life. */
class Programs {
 public:
  explicit Programs(id<MTLDevice> device) : device_(Owned<id<MTLDevice>>::retain(device)) {}

  /**
   * The kernel function `entry` of a file, for example `kernel("add.metal", {{"TYPE", "float"}}, "add")`, in the MSL
   * of macOS 13 and without fast math.
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
