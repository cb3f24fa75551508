#pragma once

#include <span>

#include "backends/cuda/lowering.h"

/** Every way to turn ops into a step; the list stands in matchers.cpp. */
namespace mpsbench::cuda {

std::span<const Matcher> matchers();

// Libraries.
/** matmul. */
std::optional<Match> matchCublasLt(Lowering& lowering, OpIndex op);
/** matmul with the bias_add, the relu or both after it. */
std::optional<Match> matchCublasLtEpilogue(Lowering& lowering, OpIndex op);
/** matmul whose result is only the gradient of an sgd_update. */
std::optional<Match> matchCublasLtUpdate(Lowering& lowering, OpIndex op);
/** conv2d. */
std::optional<Match> matchCudnnConvolution(Lowering& lowering, OpIndex op);
/** conv2d with the bias_add, the relu or both after it. */
std::optional<Match> matchCudnnConvolutionEpilogue(Lowering& lowering, OpIndex op);
/** A whole training step of a linear layer around two products. */
std::optional<Match> matchLargeLinearStep(Lowering& lowering, OpIndex op);

// No kernel at all.
/** reshape. */
std::optional<Match> matchReshape(Lowering& lowering, OpIndex op);

// Kernels of our own.

}  // namespace mpsbench::cuda
