#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/cuda/driver/launch.h"
#include "core/dtype.h"

namespace mpsbench::cuda {

struct Facts;
class Nvrtc;

/** The dtype as kernels/prelude.cuh calls it: `float`, `half_t`, `bfloat16_t`, `double`. */
const char* cudaType(DType dtype);
/** Bytes of `Acc<T>` of prelude.cuh: the type that sums of this dtype are kept in. */
std::size_t accumulatorBytes(DType dtype);

/** A loaded module; unloaded when the last kernel of it dies, while the device's context lives. */
class Module {
 public:
  Module(const Driver& driver, CUmodule module) : driver_(driver), module_(module) {}
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  [[nodiscard]] CUmodule get() const { return module_; }

 private:
  const Driver& driver_;
  CUmodule module_;
};

/** What kernels are compiled for. */
struct Target {
  /** NVRTC's name for it: `sm_90a`, or `compute_90` for a GPU that is newer than NVRTC. */
  std::string architecture;
  /** Machine code, else PTX that the driver compiles further. */
  bool machineCode = true;
  /** Why nothing can be compiled for this device; empty if it can. */
  std::string unsupported;
};

/** @throws Error `internal` */
Target compileTarget(const Nvrtc& nvrtc, const Facts& facts);

/** Compiles kernels/ for one device, each specialisation once in its life. */
class Programs {
 public:
  Programs(const Driver& driver, const Nvrtc& nvrtc, Target target);

  /**
   * The `extern "C" __global__` function `entry` of a file, for example
   * `kernel("add.cu", {"-DTYPE=float", "-DVECTOR=4"}, "add")`. C++17, for exactly this device's
   * architecture, with fused multiply-adds. Macros have names of several letters: a single one
   * (`T`) breaks the headers that the compiler itself brings.
   * @throws Error `internal` with the compiler's log, `unsupported` if no compiler knows the
   *   device.
   */
  Kernel kernel(std::string_view file, const std::vector<std::string>& options,
                const std::string& entry);
  /** Forgets every kernel, while the context still lives. */
  void clear() { modules_.clear(); }

 private:
  std::shared_ptr<const Module> compile(std::string_view file,
                                        const std::vector<std::string>& options);

  const Driver& driver_;
  const Nvrtc& nvrtc_;
  Target target_;
  std::map<std::string, std::shared_ptr<const Module>> modules_;
};

}  // namespace mpsbench::cuda
