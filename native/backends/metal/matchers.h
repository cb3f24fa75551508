#pragma once

#include <span>

#include "backends/metal/lowering.h"

/** Every way to run a graph, listed in matchers.mm. A match that leaves ops out is not used. */
namespace mpsbench::metal {

std::span<const Matcher> matchers();

/** Every graph, through MPSGraph. */
std::optional<Match> matchMpsGraph(const GraphView& view, OpIndex op, const Facts& facts);
/**
 * Graphs with a convolution, through MPSGraph in NCHW: there are reports that its NHWC is the slow
 * one (pytorch#192551).
 */
std::optional<Match> matchMpsGraphInNchw(const GraphView& view, OpIndex op, const Facts& facts);

// General kernels of our own.
/** add, sub, mul, relu, mse_grad, sgd_update. */
std::optional<Match> matchElementwise(const GraphView& view, OpIndex op, const Facts& facts);
/** matmul. */
std::optional<Match> matchMatmul(const GraphView& view, OpIndex op, const Facts& facts);

/** Graphs of which every op has a kernel: the ops of these two, bias_add, softmax, reduce_sum,
 * mse_loss, reshape. */
std::optional<Match> matchUnfused(const GraphView& view, OpIndex op, const Facts& facts);

/** Every op of the graph, for a match of all of it. */
std::vector<OpIndex> allOps(const Graph& graph);

// Fused patterns of our own.
/** conv2d, bias_add, relu, max_pool2d, reshape, matmul, bias_add, and softmax if it follows. */
std::optional<Match> matchConvPoolDense(const GraphView& view, OpIndex op, const Facts& facts);
/** A whole training step of a linear layer that one threadgroup does. */
std::optional<Match> matchTinyLinearStep(const GraphView& view, OpIndex op, const Facts& facts);

/** A whole training step of a linear layer in two dispatches. */
std::optional<Match> matchSmallLinearStep(const GraphView& view, OpIndex op, const Facts& facts);

/** A whole training step of a linear layer: two products, and a pass between them. */
std::optional<Match> matchLargeLinearStep(const GraphView& view, OpIndex op, const Facts& facts);

}  // namespace mpsbench::metal
