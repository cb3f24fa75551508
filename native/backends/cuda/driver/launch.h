#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "backends/cuda/driver/api/cuda.h"

namespace mpsbench::cuda {

class Driver;
class Module;

struct Dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};

/** A compiled function; copies share the module, which lives as long as the last of them. */
struct Kernel {
  const Driver* driver = nullptr;
  std::shared_ptr<const Module> module;
  CUfunction function = nullptr;

  /** How many blocks of this size one multiprocessor holds; 0 if it holds none. */
  [[nodiscard]] int blocksPerMultiprocessor(unsigned threads, std::size_t sharedBytes) const;
};

struct LaunchShape {
  Dim3 grid = {};
  Dim3 block = {};
  /** Dynamic shared memory a block; `Launch` asks for what a kernel may not have unasked. */
  std::size_t sharedBytes = 0;
  /** Blocks a cluster (compute capability 9.0 and later); the grid must be a multiple of it. */
  Dim3 cluster = {};
  /**
   * May start before the launch before it has ended: the kernel must wait with
   * `griddepcontrol.wait` before it reads what that wrote. Compute capability 9.0 and later.
   */
  bool overlapsPrevious = false;
};

/** A kernel with its shape and its arguments in place: `launch(stream)` enqueues it. */
class Launch {
 public:
  /**
   * Arguments are copied, in the kernel's order and of exactly its types: CUdeviceptr for a
   * pointer, std::int32_t, std::int64_t, float, double, or a plain struct.
   * @throws Error `unsupported` if the device refuses the shared memory.
   */
  template <class... Arguments>
  Launch(Kernel kernel, const LaunchShape& shape, const Arguments&... arguments)
      : Launch(std::move(kernel), shape, sizeof...(Arguments)) {
    (add(arguments), ...);
  }

  /** Enqueues the kernel; allocates nothing, so it may be captured. @throws Error */
  void operator()(CUstream stream) const;

 private:
  static constexpr std::size_t kMostArgumentBytes = 256;
  struct alignas(std::max_align_t) Slot {
    std::array<std::byte, kMostArgumentBytes> bytes;
  };

  Launch(Kernel kernel, const LaunchShape& shape, std::size_t arguments);

  template <class Argument>
  void add(const Argument& argument) {
    static_assert(std::is_trivially_copyable_v<Argument> && sizeof(Argument) <= kMostArgumentBytes);
    std::memcpy((*slots_)[used_].bytes.data(), &argument, sizeof argument);
    (*pointers_)[used_] = (*slots_)[used_].bytes.data();
    ++used_;
  }

  Kernel kernel_;
  LaunchShape shape_;
  std::size_t used_ = 0;
  // Shared by copies: a launch is never changed after it is made.
  std::shared_ptr<std::vector<Slot>> slots_;
  std::shared_ptr<std::vector<void*>> pointers_;
  std::shared_ptr<std::vector<CUlaunchAttribute>> attributes_;
};

}  // namespace mpsbench::cuda
