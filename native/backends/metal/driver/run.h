#pragma once

#import <Metal/Metal.h>

#include <cstdint>

#include "backends/metal/driver/batching.h"
#include "backends/metal/lowering.h"
#include "core/backend.h"

namespace mpsbench::metal {

/**
 * Runs iterations of a candidate and returns after the last has finished.
 * @param phase of the first; afterwards of the one that would come next
 */
Sample runIterations(id<MTLCommandQueue> queue, const Candidate& candidate, std::size_t& phase,
                     std::int64_t iterations, const Batching& batching, RunMode mode);

/** Brings the candidate's weights into its own order, if it has one, and waits for it. */
void prepare(id<MTLCommandQueue> queue, const Candidate& candidate);

}  // namespace mpsbench::metal
