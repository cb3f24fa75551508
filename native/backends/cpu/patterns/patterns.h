#pragma once

#include "backends/cpu/lowering.h"

/** Fused kernels of our own. */
namespace mpsbench::cpu {

/** bias_add + relu in one pass. */
std::optional<Match> matchBiasAddRelu(const GraphView& view, OpIndex op, const Facts& facts);

/** mse_loss + mse_grad in one pass, with the reduce_sum of the gradient. */
std::optional<Match> matchMseStep(const GraphView& view, OpIndex op, const Facts& facts);

/**
 * conv2d + bias_add + relu + max_pool2d (2x2, stride 2) in one pass that never writes the feature
 * map before pooling, and with it reshape + matmul + bias_add [+ softmax] where they follow and the
 * dense layer is narrow. f32, unpadded windows of stride 1 with few taps: a library's convolution
 * is made for many input channels, and loses most of its speed on the one of a grey image.
 */
std::optional<Match> matchConvPool(const GraphView& view, OpIndex op, const Facts& facts);

}  // namespace mpsbench::cpu
