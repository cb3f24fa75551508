#include "backends/metal/matchers.h"

#include <numeric>

namespace mpsbench::metal {

std::span<const Matcher> matchers() {
  using enum MatcherKind;
  static constexpr Matcher kMatchers[] = {
      // Apple's library.
      {op, matchMpsGraph},
      {op, matchMpsGraphInNchw},
      // General kernels of our own.
      {op, matchElementwise},
      {op, matchMatmul},
      {op, matchUnfused},
      // Fused patterns of our own.
      {pattern, matchConvPoolDense},
      {pattern, matchTinyLinearStep},
      {pattern, matchSmallLinearStep},
      {pattern, matchLargeLinearStep},
  };
  return kMatchers;
}

std::vector<OpIndex> allOps(const Graph& graph) {
  std::vector<OpIndex> all(graph.ops.size());
  std::iota(all.begin(), all.end(), OpIndex{0});
  return all;
}

}  // namespace mpsbench::metal
