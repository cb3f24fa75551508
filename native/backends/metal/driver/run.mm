#include "backends/metal/driver/run.h"

#include <algorithm>
#include <chrono>

#include "backends/metal/driver/command_stream.h"
#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

using Clock = std::chrono::steady_clock;

/** Commits `count` iterations as one batch. */
void submit(CommandStream& stream, const Candidate& candidate, std::size_t& phase,
            std::int64_t count) {
  std::int64_t left = count;
  stream.submit(ceilDivide(count, candidate.mostTimes), [&](MPSCommandBuffer* buffer) {
    const std::int64_t times = std::min(left, candidate.mostTimes);
    phase = candidate.encode(buffer, phase, times);
    left -= times;
  });
}

/** Commits one iteration, each part of it as a command buffer of its own. */
void submitParts(CommandStream& stream, const Candidate& candidate, std::size_t& phase) {
  for (const auto& part : candidate.parts) {
    stream.submit(1, [&](MPSCommandBuffer* buffer) { part(buffer, phase); });
  }
  phase = 1 - phase;
}

/** The same for our own kernels, whose longest dispatches are split as well. */
void submitInBands(CommandStream& stream, const Candidate& candidate, std::size_t& phase,
                   std::size_t parts) {
  for (const Launch& launch : candidate.launches) {
    for (const Launch& band : launch.bands(parts)) {
      stream.submit(1, [&](MPSCommandBuffer* buffer) {
        id<MTLComputeCommandEncoder> encoder = [buffer computeCommandEncoder];
        band.encode(encoder, phase);
        [encoder endEncoding];
      });
    }
  }
  phase = 1 - phase;
}

}  // namespace

Sample runIterations(id<MTLCommandQueue> queue, const Candidate& candidate, std::size_t& phase,
                     std::int64_t iterations, const Batching& batching, RunMode mode) {
  CommandStream stream(queue, batching.inFlight);
  const bool hasParts = !candidate.parts.empty();
  const bool isCut = batching.parts > 1 && !candidate.launches.empty();
  const std::int64_t batch =
      hasParts || isCut || mode == RunMode::latency ? 1 : batching.iterations;
  const auto start = Clock::now();
  for (std::int64_t done = 0; done < iterations; done += batch) {
    if (hasParts) {
      submitParts(stream, candidate, phase);
    } else if (isCut) {
      submitInBands(stream, candidate, phase, batching.parts);
    } else {
      submit(stream, candidate, phase, std::min(batch, iterations - done));
    }
    if (mode == RunMode::latency) stream.finish();
  }
  stream.finish();
  Sample sample;
  sample.wallNs = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  sample.deviceNs = stream.busyNs();
  return sample;
}

void prepare(id<MTLCommandQueue> queue, const Candidate& candidate) {
  if (!candidate.prepare) return;
  CommandStream stream(queue, 1);
  stream.submit(1, [&](MPSCommandBuffer* buffer) {
    id<MTLComputeCommandEncoder> encoder = [buffer computeCommandEncoder];
    candidate.prepare(encoder);
    [encoder endEncoding];
  });
  stream.finish();
}

}  // namespace mpsbench::metal
