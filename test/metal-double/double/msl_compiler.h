#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "msl/host.h"

namespace metal_double {

/** A kernel function that can be called. */
struct MslKernel {
  std::string name;
  MslEntry entry = nullptr;
  /** The indices of its arguments. */
  std::vector<unsigned> buffers;
  std::vector<unsigned> groupMemory;
  unsigned maxThreads = 1024;
};

/** A compiled source; its code stays loaded. */
struct MslLibrary {
  std::vector<MslKernel> kernels;
  /** The compiler's messages; empty where it compiled. */
  std::string error;
};

/**
 * Compiles MSL as C++ with clang, after a pass that checks its address spaces. What was compiled
 * once is kept, in this process and in MSL_CACHE. Safe to call on any thread.
 */
std::shared_ptr<const MslLibrary> compileMsl(std::string_view source);

}  // namespace metal_double
