#include "backends/metal/calls/linear_tiny.h"

#include <algorithm>

#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

constexpr std::int64_t kMostMultiplyAdds = 1 << 16;
constexpr std::int64_t kMostOutputs = 4096;
constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kMostThreads = 1024;

}  // namespace

bool isTiny(const LinearStep& step) {
  return step.rows * step.units <= kMostOutputs &&
         step.rows * step.units * step.features <= kMostMultiplyAdds;
}

KernelCall tinyStepCall(const LinearStep& step, std::uint32_t steps) {
  const std::int64_t work = std::max(step.rows * step.units, (step.features + 1) * step.units);
  const std::int64_t threads = std::clamp(ceilDivide(work, kLanes) * kLanes, kLanes, kMostThreads);
  KernelCall call{"linear_tiny.metal",
                  {{"TYPE", metalType(step.dtype)},
                   {"ROWS", std::to_string(step.rows)},
                   {"FEATURES", std::to_string(step.features)},
                   {"UNITS", std::to_string(step.units)},
                   {"THREADS", std::to_string(threads)},
                   {"PREDICTIONS", step.predictionsSeen ? "1" : "0"}},
                  "linear_tiny"};
  call.shape.threads[0] = static_cast<std::size_t>(threads);
  call.groupMemory = {static_cast<std::size_t>(step.rows * step.units) * sizeof(float),
                      static_cast<std::size_t>(threads / kLanes) * sizeof(float)};
  call.setValue(8,
                std::array{static_cast<float>(step.weightRate), static_cast<float>(step.biasRate)});
  call.setValue(kTinySteps, steps);
  call.label = "linear_tiny.metal, whole steps in one threadgroup";
  return call;
}

}  // namespace mpsbench::metal
