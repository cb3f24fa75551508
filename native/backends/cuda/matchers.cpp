#include "backends/cuda/matchers.h"

namespace mpsbench::cuda {

std::span<const Matcher> matchers() {
  using enum MatcherKind;
  static constexpr Matcher kMatchers[] = {
      // Libraries.
      {op, matchCublasLt},
      {op, matchCublasLtEpilogue},
      {op, matchCublasLtUpdate},
      {op, matchCudnnConvolution},
      {op, matchCudnnConvolutionEpilogue},
      // No kernel at all.
      {op, matchReshape},
      // General kernels of our own.
      {op, matchElementwise},
      {op, matchBiasAdd},
      {op, matchSoftmax},
      {op, matchMseLoss},
      {op, matchReduceSum},
      {op, matchWindows},
      {op, matchMatmulTiles},
      // Fused patterns of our own.
      {pattern, matchConvPoolDense},
      {pattern, matchConvPoolDenseMma},
      {pattern, matchTinyLinearStep},
      {pattern, matchSmallLinearStep},
      {pattern, matchLargeLinearStep},
  };
  return kMatchers;
}

}  // namespace mpsbench::cuda
