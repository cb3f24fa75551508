#include "backends/metal/calls/linear_small.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

/** Above this the products of matmul.metal are faster. */
constexpr std::int64_t kMostMultiplyAdds = std::int64_t{1} << 27;
constexpr std::int64_t kMostElements = std::int64_t{1} << 24;

// As linear_small.metal has them.
constexpr std::int64_t kTileRows = 32;
constexpr std::int64_t kTileColumns = 16;
constexpr std::int64_t kSimdgroups = 8;
constexpr std::int64_t kThreads = kSimdgroups * 32;
constexpr std::int64_t kPadding = 4;

/** Of the products' depth, what is in threadgroup memory at once, up to this. */
constexpr std::int64_t kMostDepth = 64;
constexpr std::int64_t kDepthUnit = 16;

std::size_t floatBytes(std::int64_t count) {
  return static_cast<std::size_t>(count) * sizeof(float);
}

/** Panels of both factors, or the shares of all simdgroups, whichever is more. */
std::int64_t panelFloats(std::int64_t depth) {
  const std::int64_t left =
      std::max(kTileRows * (depth + kPadding), depth * (kTileRows + kPadding));
  const std::int64_t right = depth * (kTileColumns + kPadding);
  return std::max(left + right, kSimdgroups * kTileRows * kTileColumns);
}

}  // namespace

std::optional<SmallStepCalls> smallStepCalls(const LinearStep& step) {
  if (step.dtype == DType::f64 || step.rows * step.units > kMostElements ||
      step.rows * step.features > kMostElements || step.features * step.units > kMostElements ||
      step.rows * step.units * step.features > kMostMultiplyAdds) {
    return std::nullopt;
  }
  const std::int64_t longest = std::max(step.rows, step.features);
  const std::int64_t depth = std::min(ceilDivide(longest, kDepthUnit) * kDepthUnit, kMostDepth);
  SmallStepCalls calls;
  calls.forward.file = "linear_small.metal";
  calls.forward.macros = {{"TYPE", metalType(step.dtype)},
                          {"ROWS", std::to_string(step.rows)},
                          {"FEATURES", std::to_string(step.features)},
                          {"UNITS", std::to_string(step.units)},
                          {"DEPTH", std::to_string(depth)},
                          {"PREDICTIONS", step.predictionsSeen ? "1" : "0"}};
  calls.forward.shape.threads[0] = kThreads;
  calls.backward = calls.forward;
  const std::int64_t columnGroups = ceilDivide(step.units, kTileColumns);
  const std::int64_t rowGroups = ceilDivide(step.rows, kTileRows);
  const auto groups = [&](std::int64_t rows) -> std::array<std::size_t, 3> {
    return {static_cast<std::size_t>(columnGroups), static_cast<std::size_t>(rows), 1};
  };
  calls.forward.entry = "linear_forward";
  calls.forward.shape.groups = groups(rowGroups);
  calls.forward.groupMemory = {floatBytes(panelFloats(depth)), floatBytes(kThreads),
                               floatBytes(kSimdgroups)};
  calls.forward.label = "linear_small.metal, two dispatches";
  calls.backward.entry = "linear_backward";
  calls.backward.shape.groups = groups(ceilDivide(step.features, kTileRows));
  calls.backward.groupMemory = {floatBytes(panelFloats(depth))};
  const double factor = 2 / (static_cast<double>(step.rows) * static_cast<double>(step.units));
  calls.backward.setValue(9, std::array{static_cast<float>(factor * step.weightRate),
                                        static_cast<float>(factor * step.biasRate)});
  calls.residualBytes = floatBytes(step.rows * step.units);
  calls.squareBytes = floatBytes(rowGroups * columnGroups);
  calls.columnSumBytes = floatBytes(rowGroups * step.units);
  return calls;
}

}  // namespace mpsbench::metal
