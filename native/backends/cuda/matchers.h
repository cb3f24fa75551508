#pragma once

#include <span>

#include "backends/cuda/lowering.h"

/** Every way to turn ops into a step, listed in matchers.cpp. */
namespace mpsbench::cuda {

std::span<const Matcher> matchers();

// Libraries.
/** matmul. */
std::optional<Match> matchCublasLt(const GraphView& view, OpIndex op, const Facts& facts);
/** matmul with the bias_add, the relu or both after it. */
std::optional<Match> matchCublasLtEpilogue(const GraphView& view, OpIndex op, const Facts& facts);
/** matmul whose result is only the gradient of an sgd_update. */
std::optional<Match> matchCublasLtUpdate(const GraphView& view, OpIndex op, const Facts& facts);
/** conv2d. */
std::optional<Match> matchCudnnConvolution(const GraphView& view, OpIndex op, const Facts& facts);
/** conv2d with the bias_add, the relu or both after it. */
std::optional<Match> matchCudnnConvolutionEpilogue(const GraphView& view, OpIndex op,
                                                   const Facts& facts);

// No kernel at all.
/** reshape. */
std::optional<Match> matchReshape(const GraphView& view, OpIndex op, const Facts& facts);

// General kernels of our own.
/** add, sub, mul, relu, mse_grad, sgd_update. */
std::optional<Match> matchElementwise(const GraphView& view, OpIndex op, const Facts& facts);
/** bias_add. */
std::optional<Match> matchBiasAdd(const GraphView& view, OpIndex op, const Facts& facts);
/** softmax. */
std::optional<Match> matchSoftmax(const GraphView& view, OpIndex op, const Facts& facts);
/** mse_loss. */
std::optional<Match> matchMseLoss(const GraphView& view, OpIndex op, const Facts& facts);
/** reduce_sum. */
std::optional<Match> matchReduceSum(const GraphView& view, OpIndex op, const Facts& facts);
/** conv2d and max_pool2d. */
std::optional<Match> matchWindows(const GraphView& view, OpIndex op, const Facts& facts);
/** matmul. */
std::optional<Match> matchMatmulTiles(const GraphView& view, OpIndex op, const Facts& facts);

// Fused patterns of our own.
/** conv2d, bias_add, relu, max_pool2d, reshape, matmul, bias_add, and softmax if it follows. */
std::optional<Match> matchConvPoolDense(const GraphView& view, OpIndex op, const Facts& facts);
/** The same ops on the matrix units. */
std::optional<Match> matchConvPoolDenseMma(const GraphView& view, OpIndex op, const Facts& facts);
/** A whole training step of a linear layer that one block does. */
std::optional<Match> matchTinyLinearStep(const GraphView& view, OpIndex op, const Facts& facts);
/** The same for sizes that fill the GPU's blocks, but not its time. */
std::optional<Match> matchSmallLinearStep(const GraphView& view, OpIndex op, const Facts& facts);
/** A whole training step of a linear layer around two products. */
std::optional<Match> matchLargeLinearStep(const GraphView& view, OpIndex op, const Facts& facts);

}  // namespace mpsbench::cuda
