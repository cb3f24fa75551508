#pragma once

#include <cstddef>

namespace mpsbench::cuda {

/** What kernels are chosen and tuned by: the driver's attributes of one GPU. */
struct Facts {
  /** Compute capability, for example 9 and 0. */
  int major = 0;
  int minor = 0;
  int multiprocessors = 0;
  /** The most shared memory that one block may ask for, in bytes (more than 48 KiB on request). */
  std::size_t sharedPerBlock = 0;
  std::size_t l2Bytes = 0;
  /** f32 products may round their factors to TF32. */
  bool tf32 = false;

  /** Whether the compute capability is at least this one. */
  [[nodiscard]] constexpr bool atLeast(int wantedMajor, int wantedMinor = 0) const {
    return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
  }
};

}  // namespace mpsbench::cuda
