#pragma once

#import <Metal/Metal.h>

#include <cstdint>
#include <optional>
#include <string>

#include "core/graph.h"

/**
 * Sizes beyond which MPS ends the process or computes wrongly. It neither throws nor reports them,
 * so they are refused or worked around before MPSGraph sees them.
 */
namespace mpsbench::metal {

struct Limits {
  /**
   * The largest tensor, temporaries included: from 2^32 bytes on MPS aborts (pytorch#124635,
   * #143859). With at least 2 bytes per element this also keeps below 2^31 elements and INT_MAX per
   * dimension, where it aborts as well (pytorch#84039).
   */
  std::uint64_t tensorBytes = (std::uint64_t{1} << 32) - 1;
  /** The longest inner dimension of a matrix product: longer ones are split. */
  std::int64_t matmulInner = INT64_MAX;
  /** The largest outer dimension and row of a matrix product; larger ones are refused. */
  std::int64_t matmulDimension = INT64_MAX;
};

/** Those of the GPU under this version of macOS. */
Limits limitsOf(id<MTLDevice> device);

/** The sizes of a matrix product. */
struct MatmulSizes {
  std::int64_t rows = 0;
  std::int64_t inner = 0;
  std::int64_t columns = 0;
};
MatmulSizes matmulSizes(const Graph& graph, const Op& op);

/** The inner length of one part; the whole of it where the product need not be split. */
std::int64_t matmulPart(const MatmulSizes& sizes, const Limits& limits);

/** Why MPSGraph must not be given the graph, as the end of a sentence; nothing where it may. */
std::optional<std::string> refusal(const Graph& graph, const Limits& limits);

/** @throws Error `unsupported` where MPSGraph must not be given the graph */
void requireComputable(const Graph& graph, const Limits& limits);

/**
 * What MPSGraph allocates to encode one iteration, at most: it keeps every intermediate tensor
 * until the command buffer has completed (pytorch#194459, #145374).
 */
std::uint64_t temporaryBytes(const Graph& graph, const Limits& limits);

/** What it allocates beyond that where convolutions run in NCHW, at most: every image is transposed
 * once. */
std::uint64_t transposedBytes(const Graph& graph);

}  // namespace mpsbench::metal
