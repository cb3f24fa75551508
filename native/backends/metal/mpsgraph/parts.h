#pragma once

#include <cstddef>
#include <vector>

#include "core/graph.h"
#include "core/graph_view.h"

/**
 * How an iteration of MPSGraph is spread over command buffers. macOS may stop one that holds up the
 * display for about 100 ms, and MPSGraph puts as much into one as it is given.
 */
namespace mpsbench::metal {

/** Consecutive ops, from `first` to before `last`. */
struct OpRange {
  OpIndex first = 0;
  OpIndex last = 0;
};

/** GPU time of an op, roughly: what it computes or moves on a GPU that is `cores` / 8 of an M1's.
 */
double estimatedNs(const Graph& graph, const Op& op, int cores);

/**
 * One range for a graph of less than `longNs`; else ranges of at most half of that where their ops
 * allow it. An op alone cannot be cut.
 */
std::vector<OpRange> partsOf(const Graph& graph, int cores, double longNs);

}  // namespace mpsbench::metal
