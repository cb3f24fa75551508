#pragma once

#include <string>
#include <vector>

#include "backends/metal/lowering.h"

namespace mpsbench::metal {

/** The candidate that was chosen, and how the placement table calls it. */
struct Choice {
  Candidate candidate;
  /** Its name, the next best one that it beat, and how many failed and why. */
  std::string label;
};

/**
 * Runs every candidate on the device and keeps the fastest by wall time, in which what encoding
 * costs the CPU counts as it does in a benchmark. The tensors hold other values afterwards. A
 * single candidate is not run.
 * @throws Error of the last candidate where none runs, `device_lost`
 */
Choice choose(Lowering& lowering, std::vector<Candidate> candidates);

}  // namespace mpsbench::metal
