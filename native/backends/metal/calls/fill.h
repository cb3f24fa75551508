#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/metal/driver/kernel_call.h"

namespace mpsbench::metal {

/** Fills the one buffer with uniform values in [-1, 1). */
KernelCall fillCall(DType dtype, std::size_t count, std::uint32_t seed);

}  // namespace mpsbench::metal
