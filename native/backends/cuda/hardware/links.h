#pragma once

#include <vector>

#include "backends/cuda/driver/libraries.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/** What connects a card with each other card of the machine; empty if NVML does not say. */
std::vector<Link> linksOf(const Nvml& nvml, nvmlDevice_t card);

}  // namespace mpsbench::cuda
