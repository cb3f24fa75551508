#pragma once

#include <string>
#include <vector>

#include "backends/cuda/driver/context.h"
#include "core/dtype.h"

namespace mpsbench::msl_cuda {

/**
 * Prints, for every workload in whose name the regular expression `wanted` finds something, the
 * fastest candidate of the Metal backend and of each of our CUDA kernel files and NVIDIA's
 * libraries, in microseconds of the device's clock, and how many times longer the first takes.
 */
void printTimes(const std::vector<DType>& dtypes, const std::string& wanted,
                cuda::Context& context);

}  // namespace mpsbench::msl_cuda
