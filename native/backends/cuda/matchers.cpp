#include "backends/cuda/matchers.h"

#include <array>

namespace mpsbench::cuda {

std::span<const Matcher> matchers() {
  static constexpr std::array kMatchers = {
      // Libraries.
      Matcher{matchCublasLt}, Matcher{matchCublasLtEpilogue}, Matcher{matchCublasLtUpdate},
      Matcher{matchLargeLinearStep},
      // No kernel at all.
      Matcher{matchReshape},
      // Kernels of our own.
  };
  return kMatchers;
}

}  // namespace mpsbench::cuda
