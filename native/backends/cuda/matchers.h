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
/** add, sub, mul, relu, mse_grad, sgd_update. */
std::optional<Match> matchElementwise(Lowering& lowering, OpIndex op);
/** bias_add. */
std::optional<Match> matchBiasAdd(Lowering& lowering, OpIndex op);
/** softmax. */
std::optional<Match> matchSoftmax(Lowering& lowering, OpIndex op);
/** mse_loss. */
std::optional<Match> matchMseLoss(Lowering& lowering, OpIndex op);
/** reduce_sum. */
std::optional<Match> matchReduceSum(Lowering& lowering, OpIndex op);
/** conv2d and max_pool2d. */
std::optional<Match> matchWindows(Lowering& lowering, OpIndex op);
/** matmul. */
std::optional<Match> matchMatmulTiles(Lowering& lowering, OpIndex op);
/** conv2d, bias_add, relu, max_pool2d, reshape, matmul, bias_add, and softmax if it follows. */
std::optional<Match> matchConvPoolDense(Lowering& lowering, OpIndex op);
/** The same ops on the matrix units. */
std::optional<Match> matchConvPoolDenseMma(Lowering& lowering, OpIndex op);
/** A whole training step of a linear layer that one block does. */
std::optional<Match> matchTinyLinearStep(Lowering& lowering, OpIndex op);
/** The same for sizes that fill the GPU's blocks, but not its time. */
std::optional<Match> matchSmallLinearStep(Lowering& lowering, OpIndex op);

}  // namespace mpsbench::cuda
