// What a kernel that runs as C++ and the double's GPU know of each other (double/msl_machine.cpp).
// Plain C types: it is compiled with the kernels, which have no C++ library.
#pragma once

namespace metal_double {

/** One thread of a dispatch, as its kernel is called. Positions and sizes as (x, y, z). */
struct MslThread {
  unsigned positionInGrid[3];
  unsigned positionInGroup[3];
  unsigned groupInGrid[3];
  unsigned groups[3];
  unsigned threadsPerGroup[3];
  unsigned indexInGroup;
  /** Arguments by index: buffers, bytes, and threadgroup memory. */
  void* const* buffers;
  void* const* groupMemory;
};

using MslEntry = void (*)(const MslThread*);

/** What kernels call. */
struct MslHost {
  /** Every access to memory that is not the thread's own. */
  void (*access)(const void* address, unsigned long bytes, bool isWrite);
  /** threadgroup_barrier. @param flags of mem_flags */
  void (*barrier)(int flags, int line);
  /** simdgroup_barrier. */
  void (*simdBarrier)(int flags, int line);
  /**
   * All 32 lanes of a simdgroup hand in `bytes` (at most 16) and get what every lane handed in, one
   * after the other by lane; valid until the next call.
   */
  const void* (*exchange)(const void* mine, unsigned bytes, int line);
  unsigned (*lane)();
};

}  // namespace metal_double
