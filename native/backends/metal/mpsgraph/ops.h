#pragma once

#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <vector>

#include "backends/metal/hardware/limits.h"
#include "core/graph.h"

namespace mpsbench::metal {

/**
 * Adds one op to the MPSGraph and returns its result, which the MPSGraph owns.
 * @param symbols of the op's inputs, by TensorIndex
 */
MPSGraphTensor* lowerOp(MPSGraph* mps, const Graph& graph, const Op& op,
                        const std::vector<MPSGraphTensor*>& symbols, const Limits& limits);

}  // namespace mpsbench::metal
