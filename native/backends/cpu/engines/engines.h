#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/cpu/lowering.h"

namespace mpsbench::cpu {

/** A way to compute on the CPU: a library, or our own reference kernels. */
struct Engine {
  /** The value of `--engine`. */
  std::string id;
  /** With its version, for example `oneDNN 2.6.3`. */
  std::string label;
  /** The reason why it does not run this op at this dtype. */
  std::optional<std::string> (*supports)(const OpSpec& op, DType dtype);
  std::vector<Matcher> matchers;
  /** Whether it uses more than one thread. */
  bool parallel = true;
};

/** oneDNN, API 2 or 3: f32, and bf16 where this CPU and version have it. */
Engine onednnEngine();
/** Accelerate on macOS, else OpenBLAS or another CBLAS: f32 and f64. */
Engine cblasEngine();
/** The float64 reference kernels of the core, on one thread: every op and dtype, slowly. */
Engine referenceEngine();

/** Every engine of this build that works on this machine, the preferred one first. */
std::span<const Engine> engines();

/** `own`, and after it what every library engine shares: our vector kernels and fused patterns. */
std::vector<Matcher> withOwnKernels(std::vector<Matcher> own);

}  // namespace mpsbench::cpu
