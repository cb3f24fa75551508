#include "backends/metal/driver/batching.h"

#include <algorithm>
#include <cmath>

namespace mpsbench::metal {

namespace {

constexpr double kBatchNs = 2e6;
/** From here on macOS may stop work that holds up the display. */
constexpr double kLongNs = 100e6;
/** GPU time of a part of a longer iteration, on the safe side of that. */
constexpr double kPartNs = 50e6;
constexpr double kMostParts = 1000;
/** One on the GPU, one waiting behind it, one being encoded. */
constexpr std::int64_t kInFlight = 3;

}  // namespace

Batching planBatches(double iterationNs, std::int64_t mostInBatch, std::uint64_t temporaryBytes,
                     std::uint64_t freeBytes) {
  const std::int64_t byTime =
      iterationNs > 0 ? static_cast<std::int64_t>(std::clamp(kBatchNs / iterationNs, 1.0,
                                                             static_cast<double>(mostInBatch)))
                      : 1;
  const auto most = static_cast<std::uint64_t>(kInFlight * mostInBatch);
  const std::uint64_t fitting =
      temporaryBytes == 0 ? most : std::min(freeBytes / temporaryBytes, most);
  // At least one: whether that fits was checked when the graph was compiled.
  const auto iterations = std::max<std::int64_t>(1, static_cast<std::int64_t>(fitting));
  const std::int64_t inFlight = std::min(kInFlight, iterations);
  const double parts = iterationNs > kLongNs ? std::ceil(iterationNs / kPartNs) : 1;
  return {std::min(byTime, iterations / inFlight), static_cast<std::size_t>(inFlight),
          static_cast<std::size_t>(std::clamp(parts, 1.0, kMostParts))};
}

}  // namespace mpsbench::metal
