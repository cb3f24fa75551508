#pragma once

#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <vector>

#include "backends/metal/driver/owner.h"
#include "backends/metal/hardware/limits.h"
#include "backends/metal/mpsgraph/ops.h"
#include "backends/metal/mpsgraph/parts.h"
#include "core/graph.h"

namespace mpsbench::metal {

/** A tensor of our graph at the edge of the MPSGraph. */
struct Port {
  TensorIndex tensor = 0;
  /** Owned by the MPSGraph. */
  MPSGraphTensor* symbol = nil;
};

struct Lowered {
  Owned<MPSGraph*> graph;
  /** A placeholder for every input, weight and state that an op reads, and for what another part
   * leaves to this one. */
  std::vector<Port> feeds;
  /** What an iteration leaves behind: outputs, updated states, and temps that no op reads, which
   * the compiler would otherwise drop with the work that they stand for. And what a later part
   * reads. */
  std::vector<Port> targets;
};

/** The tensor's shape for MPSGraph, autoreleased. */
MPSShape* mpsShape(const Shape& shape);

/**
 * Builds the MPSGraph of a part of the graph.
 * @param layout of convolutions and what follows them: NHWC with HWIO filters, as in our graph, or
 * NCHW with OIHW
 * @throws Error `unsupported` for a dtype, `internal` where MPSGraph infers another shape
 */
Lowered lower(const Graph& graph, const OpRange& part, Layout layout, const Limits& limits);

/** Temps that an op of one part writes and an op of another one reads. */
std::vector<TensorIndex> crossing(const Graph& graph, const std::vector<OpRange>& parts);

}  // namespace mpsbench::metal
