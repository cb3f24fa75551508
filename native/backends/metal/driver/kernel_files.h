#pragma once

#include <vector>

#include "core/kernel_file.h"

namespace mpsbench::metal {

/** Every file of kernels/; `.h` files can be included by name. */
const std::vector<KernelFile>& kernelFiles();

}  // namespace mpsbench::metal
