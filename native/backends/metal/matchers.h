#pragma once

#include <span>

#include "backends/metal/lowering.h"

/** Every way to run a graph, listed in matchers.mm. A match that leaves ops out is not used. */
namespace mpsbench::metal {

std::span<const Matcher> matchers();

/** Every graph, through MPSGraph. */
std::optional<Match> matchMpsGraph(const GraphView& view, OpIndex op, const Facts& facts);

// General kernels of our own.
/** add, sub, mul, relu, mse_grad, sgd_update. */
std::optional<Match> matchElementwise(const GraphView& view, OpIndex op, const Facts& facts);

}  // namespace mpsbench::metal
