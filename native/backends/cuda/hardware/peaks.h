#pragma once

#include <optional>

#include "backends/cuda/facts.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/** The clocks and widths that the limits follow from. */
struct Clocks {
  /** The highest clock of the multiprocessors. */
  double smMHz = 0;
  double memoryMHz = 0;
  double memoryBusBits = 0;
};

/**
 * What the chip could do at its highest clocks: multiprocessors x operations a clock x clock, and
 * memory clock x 2 (both edges) x bus width. Rates only if NVIDIA's documents give them for this
 * compute capability.
 */
std::optional<Peak> peak(const Facts& facts, const Clocks& clocks);

}  // namespace mpsbench::cuda
