#include <algorithm>
#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::cuda {

namespace {

/** Above this the products of a library are faster. */
constexpr std::int64_t kMostMultiplyAdds = std::int64_t{1} << 27;
constexpr std::int64_t kMostElements = std::int64_t{1} << 24;

// A block of linear_small.cu has a tile of so many results, and so many warps.
constexpr std::int64_t kTileRows = 32;
constexpr std::int64_t kTileColumns = 16;
constexpr std::int64_t kWarps = 8;
constexpr std::int64_t kPanelWidth = kTileRows + 1 + kTileColumns + 1;

/** As much of the depth at once as fits, up to this. */
constexpr std::int64_t kMostDepth = 256;

std::int64_t sumBytes(const LinearStep& step) {
  return static_cast<std::int64_t>(accumulatorBytes(step.dtype));
}

std::int64_t depthOf(const LinearStep& step) {
  const std::int64_t longest = std::max(step.rows, step.features);
  return std::min(ceilDivide(longest, kWarps) * kWarps, kMostDepth);
}

std::int64_t sharedBytes(const LinearStep& step) {
  return std::max(depthOf(step) * kPanelWidth, kWarps * kTileRows * kTileColumns) * sumBytes(step);
}

/** @param overlaps whether a launch may start before the one before it has ended */
template <class Rate>
Candidate candidateOf(Lowering& lowering, const LinearStep& step, bool overlaps) {
  const std::vector<std::string> options = {
      std::string("-DTYPE=") + cudaType(step.dtype),    "-DROWS=" + std::to_string(step.rows),
      "-DFEATURES=" + std::to_string(step.features),    "-DUNITS=" + std::to_string(step.units),
      "-DDEPTH=" + std::to_string(depthOf(step)),       "-DTILE_ROWS=" + std::to_string(kTileRows),
      "-DTILE_COLUMNS=" + std::to_string(kTileColumns), "-DWARPS=" + std::to_string(kWarps)};
  const std::int64_t rowBlocks = ceilDivide(step.rows, kTileRows);
  const std::int64_t columnBlocks = ceilDivide(step.units, kTileColumns);
  const auto scratch = [&](std::int64_t sums) {
    return lowering.scratch(static_cast<std::size_t>(sums * sumBytes(step)));
  };
  const auto residuals = scratch(step.rows * step.units);
  const auto squares = scratch(rowBlocks * columnBlocks);
  const auto columnSums = scratch(rowBlocks * step.units);

  LaunchShape shape;
  shape.block.x = static_cast<unsigned>(kWarps * 32);
  shape.sharedBytes = static_cast<std::size_t>(sharedBytes(step));
  shape.overlapsPrevious = overlaps;
  shape.grid = {static_cast<unsigned>(columnBlocks), static_cast<unsigned>(rowBlocks), 1};
  const CUdeviceptr predictions = step.predictionsSeen ? lowering.data(step.predictions) : 0;
  const Launch forward(lowering.kernel("linear_small.cu", options, "linear_forward"), shape,
                       lowering.data(step.x), lowering.data(step.targets),
                       lowering.data(step.weights), lowering.data(step.bias), predictions,
                       residuals->address(), squares->address(), columnSums->address());
  shape.grid.y = static_cast<unsigned>(ceilDivide(step.features, kTileRows));
  const double factor = 2 / (static_cast<double>(step.rows) * static_cast<double>(step.units));
  const Launch backward(
      lowering.kernel("linear_small.cu", options, "linear_backward"), shape, lowering.data(step.x),
      residuals->address(), squares->address(), columnSums->address(), lowering.data(step.weights),
      lowering.data(step.bias), lowering.data(step.loss),
      static_cast<Rate>(factor * step.weightRate), static_cast<Rate>(factor * step.biasRate));
  return {overlaps ? "linear_small.cu, two overlapping launches" : "linear_small.cu, two launches",
          [forward, backward, residuals, squares, columnSums](CUstream stream) {
            forward(stream);
            backward(stream);
          }};
}

template <class Rate>
std::vector<Candidate> build(Lowering& lowering, const LinearStep& step) {
  std::vector<Candidate> candidates = {candidateOf<Rate>(lowering, step, false)};
  // Blocks that wait for the launch before them take the room of others: it pays for few blocks
  // only.
  if (lowering.facts().atLeast(9)) candidates.push_back(candidateOf<Rate>(lowering, step, true));
  return candidates;
}

}  // namespace

std::optional<Match> matchSmallLinearStep(const GraphView& view, OpIndex index,
                                          const Facts& facts) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto step = findLinearStep(view, index);
  if (!step || step->rows * step->units > kMostElements ||
      step->rows * step->features > kMostElements || step->features * step->units > kMostElements ||
      step->rows * step->units * step->features > kMostMultiplyAdds ||
      ceilDivide(std::max(step->rows, step->features), kTileRows) > kMostGridY ||
      sharedBytes(*step) > static_cast<std::int64_t>(facts.sharedPerBlock)) {
    return std::nullopt;
  }
  return Match{step->ops, [step = *step](Lowering& lowering) -> std::vector<Candidate> {
                 if (step.dtype == DType::f64) return build<double>(lowering, step);
                 return build<float>(lowering, step);
               }};
}

}  // namespace mpsbench::cuda
