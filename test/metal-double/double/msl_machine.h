#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "msl/host.h"

/**
 * Runs compute kernels that were compiled as C++: every thread of a threadgroup is a fiber that
 * goes on until a barrier, the 32 lanes of a simdgroup meet in its functions, and every access to
 * memory is checked against the arguments' bounds and against what other threads do without a
 * barrier in between.
 */
namespace metal_double {

/** Memory that a kernel may use; `bytes` are counted from `data`. */
struct MslRegion {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
  /** How messages call it: "buffer 2". */
  std::string name;
  /** setBytes: the kernel has a copy that it cannot change. */
  bool isConstant = false;
};

using MslSize = std::array<unsigned, 3>;

/** One dispatchThreadgroups: with everything that was set on the encoder at that time. */
struct MslDispatch {
  std::string kernel;
  MslEntry entry = nullptr;
  /** By argument index; without data where nothing is bound. */
  std::vector<MslRegion> buffers;
  /** Bytes of each threadgroup argument, by index. */
  std::vector<std::size_t> groupMemory;
  MslSize groups = {};
  MslSize threadsPerGroup = {};
};

/** Runs it on the calling thread; breaks one of the rules of kernels where the kernel does. */
void run(const MslDispatch& dispatch);

/** What compiled kernels call. */
const MslHost& mslHost();

}  // namespace metal_double
