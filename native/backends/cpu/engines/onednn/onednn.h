#pragma once

#include "backends/cpu/engine.h"

namespace mpsbench::cpu {

/** oneDNN, API 2 or 3: f32, and bf16 where this CPU and version have it. */
Engine onednnEngine();

}  // namespace mpsbench::cpu
