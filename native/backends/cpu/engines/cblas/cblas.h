#pragma once

#include "backends/cpu/engine.h"

namespace mpsbench::cpu {

/** Accelerate on macOS, else OpenBLAS or another CBLAS: f32 and f64. */
Engine cblasEngine();

}  // namespace mpsbench::cpu
