#pragma once

#include <cstddef>
#include <cstdint>

namespace mpsbench::metal {

/** How iterations are put on the GPU's queue. */
struct Batching {
  /** In one command buffer. */
  std::int64_t iterations = 1;
  /** Command buffers that are encoded, queued or running at once. */
  std::size_t inFlight = 3;
  /** Command buffers of one long iteration, where it can be cut. */
  std::size_t parts = 1;
};

/**
 * Command buffers of about 2 ms: long beside what one costs, and far below the 100 ms from which
 * macOS may stop work that holds up the display. Longer iterations are split into parts.
 * Memory bounds what is in flight, because every encoded iteration holds its temporaries until its
 * command buffer has completed.
 * @param iterationNs 0 where it is not known yet, and not expected to be long
 * @param mostInBatch iterations of one command buffer
 * @param temporaryBytes of one iteration
 * @param freeBytes that temporaries may take
 */
Batching planBatches(double iterationNs, std::int64_t mostInBatch, std::uint64_t temporaryBytes,
                     std::uint64_t freeBytes);

}  // namespace mpsbench::metal
