#pragma once

#include "state.h"

/** What stands in for compiled kernels. */
namespace mpsbench::cuda::fake {

/**
 * What a launch does: the formula of the kernel in plain loops over its arguments, which are
 * copied. A kernel whose formula is not here does nothing and takes very long, so that the backend
 * prefers any way that can be computed; if there is none, the result is wrong.
 */
Work workOf(const Function& function, const CUlaunchConfig& config, void** arguments);

}  // namespace mpsbench::cuda::fake
