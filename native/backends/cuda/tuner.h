#pragma once

#include <string>
#include <vector>

#include "backends/cuda/context.h"
#include "backends/cuda/lowering.h"

namespace mpsbench::cuda {

/** The candidate that was chosen, and how the placement table calls it. */
struct Choice {
  Candidate candidate;
  /** Its name, and the next best one that it beat, where there was more than one. */
  std::string label;
};

/**
 * Runs every candidate on the device and keeps the fastest. Candidates that the library refuses
 * when they run are left out. The tensors hold real values by then (see `fill`).
 * @throws Error of the last candidate where none runs, `device_lost`, `out_of_memory`
 */
Choice choose(Context& context, std::vector<Candidate> candidates);

/** Fills memory with uniform values in [-1, 1). */
void fill(Context& context, CUdeviceptr address, DType dtype, std::size_t elements,
          std::uint32_t seed);

}  // namespace mpsbench::cuda
