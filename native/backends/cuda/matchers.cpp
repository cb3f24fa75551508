#include "backends/cuda/matchers.h"

namespace mpsbench::cuda {

std::span<const Matcher> matchers() {
  static constexpr Matcher kMatchers[] = {
      // Libraries.
      matchCublasLt,
      matchCublasLtEpilogue,
      matchCublasLtUpdate,
      matchCudnnConvolution,
      matchCudnnConvolutionEpilogue,
      matchLargeLinearStep,
      // No kernel at all.
      matchReshape,
      // Kernels of our own.
      matchElementwise,
      matchBiasAdd,
      matchSoftmax,
      matchMseLoss,
      matchReduceSum,
      matchWindows,
      matchMatmulTiles,
      matchConvPoolDense,
      matchConvPoolDenseMma,
      matchTinyLinearStep,
      matchSmallLinearStep,
  };
  return kMatchers;
}

}  // namespace mpsbench::cuda
