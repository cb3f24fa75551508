#pragma once

#include <memory>
#include <vector>

#include "backends/cuda/driver/libraries.h"
#include "core/monitor.h"

namespace mpsbench::cuda {

/**
 * Every card of the machine through NVML alone, in its order; CUDA_VISIBLE_DEVICES hides none, no
 * context is made.
 */
std::vector<std::shared_ptr<Monitor>> openMonitors(const std::shared_ptr<const Nvml>& nvml);

}  // namespace mpsbench::cuda
