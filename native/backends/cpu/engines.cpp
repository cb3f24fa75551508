#include <algorithm>

#include "backends/cpu/engine.h"
#include "backends/cpu/engines/reference/reference.h"
#ifdef MPSBENCH_ONEDNN
#include "backends/cpu/engines/onednn/onednn.h"
#endif
#ifdef MPSBENCH_CBLAS
#include "backends/cpu/engines/cblas/cblas.h"
#endif

namespace mpsbench::cpu {

std::span<const Engine> engines() {
  static const std::vector<Engine> all = [] {
    std::vector<Engine> made;
#ifdef MPSBENCH_ONEDNN
    made.push_back(onednnEngine());
#endif
#ifdef MPSBENCH_CBLAS
    made.push_back(cblasEngine());
#endif
#if defined(__APPLE__) && defined(__aarch64__)
    // Only Accelerate reaches the matrix units of these chips.
    std::reverse(made.begin(), made.end());
#endif
    made.push_back(referenceEngine());
    return made;
  }();
  return all;
}

}  // namespace mpsbench::cpu
