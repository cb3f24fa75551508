#include "backends/metal/matchers.h"

namespace mpsbench::metal {

std::span<const Matcher> matchers() {
  using enum MatcherKind;
  static constexpr Matcher kMatchers[] = {
      // Apple's library.
      {op, matchMpsGraph},
      // General kernels of our own.
      {op, matchElementwise},
      {op, matchMatmul},
      // Fused patterns of our own.
      {pattern, matchConvPoolDense},
      {pattern, matchTinyLinearStep},
      {pattern, matchLargeLinearStep},
  };
  return kMatchers;
}

}  // namespace mpsbench::metal
