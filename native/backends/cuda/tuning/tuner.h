#pragma once

#include <string>
#include <vector>

#include "backends/cuda/driver/context.h"
#include "backends/cuda/lowering.h"

namespace mpsbench::cuda {

/** The candidate that was chosen, and how the placement table calls it. */
struct Choice {
  Candidate candidate;
  /** Its name, the next best one that it beat, and how many failed and why, where there are such.
   */
  std::string label;
};

/**
 * Runs every candidate on the device and keeps the fastest. Candidates that fail when they run (a
 * library may refuse an algorithm that it proposed) are left out, and the label says so. The
 * tensors hold real values by then (see `fill`).
 * @param alone whether the step is the whole iteration, so that it may run several times per launch
 * @throws Error of the last candidate where none runs, `device_lost`, `out_of_memory`
 */
Choice choose(Context& context, std::vector<Candidate> candidates, bool alone = false);

/** Fills memory with uniform values in [-1, 1). */
void fill(Context& context, CUdeviceptr address, DType dtype, std::size_t elements,
          std::uint32_t seed);

}  // namespace mpsbench::cuda
