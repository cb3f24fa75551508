#pragma once

#include <vector>

#include "core/kernel_file.h"

namespace mpsbench::cuda {

/** Every file of kernels/; `.cuh` files can be included by name. */
const std::vector<KernelFile>& kernelFiles();

}  // namespace mpsbench::cuda
