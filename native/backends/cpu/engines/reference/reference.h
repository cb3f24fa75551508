#pragma once

#include "backends/cpu/engine.h"

namespace mpsbench::cpu {

/** The float64 reference kernels of the core, on one thread: every op and dtype, slowly. */
Engine referenceEngine();

}  // namespace mpsbench::cpu
