#include "backends/cpu/engines/engines.h"

#include <algorithm>

#include "backends/cpu/ops/ops.h"
#include "backends/cpu/patterns/patterns.h"

namespace mpsbench::cpu {

std::vector<Matcher> withOwnKernels(std::vector<Matcher> own) {
  constexpr Matcher kShared[] = {
      {MatcherKind::op, matchReshape},          {MatcherKind::op, matchElementwise},
      {MatcherKind::op, matchBiasAdd},          {MatcherKind::op, matchMseLoss},
      {MatcherKind::op, matchMseGrad},          {MatcherKind::op, matchReduceSum},
      {MatcherKind::op, matchSoftmax},          {MatcherKind::op, matchMaxPool},
      {MatcherKind::pattern, matchBiasAddRelu}, {MatcherKind::pattern, matchMseStep},
      {MatcherKind::pattern, matchConvPool},
  };
  own.insert(own.end(), std::begin(kShared), std::end(kShared));
  return own;
}

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
