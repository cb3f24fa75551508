#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/cpu/lowering.h"

namespace mpsbench::cpu {

/** Adds the step that starts with this op, fused with later ones where it can; false where it does
 * not apply. */
using Lower = bool (*)(Lowering& lowering, OpIndex op);

/** A way to compute on the CPU: a library, or our own reference kernels. */
struct Engine {
  /** As `--engine` takes it. */
  std::string id;
  /** With its version, for example `oneDNN 2.6.3`. */
  std::string label;
  /** The reason why it does not run this op at this dtype. */
  std::optional<std::string> (*supports)(const OpSpec& op, DType dtype);
  /** Kernels of our own for whole runs of ops; left out where a user names the engine, so that the
   * library itself is timed. Tried before `lowers`. */
  std::vector<Lower> patterns;
  /** Tried in order for each op. */
  std::vector<Lower> lowers;
  /** Whether it uses more than one thread. */
  bool parallel = true;
};

/** Every engine of this build that works on this machine, the preferred one first. */
std::span<const Engine> engines();

}  // namespace mpsbench::cpu
