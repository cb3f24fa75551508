#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "backends/metal/matchers.h"
#include "backends/metal/ops/matmul.h"
#include "core/ceil_divide.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

namespace {

// Threadgroups of linear_residual.metal: 8 simdgroups, the lanes of one along a row.
constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kRowsAtOnce = 8;
/** At least so many rows for each thread, so that a threadgroup's sums pay. */
constexpr std::int64_t kRowsEach = 8;
/** Enough threadgroups for every GPU. */
constexpr std::int64_t kMostGroups = 1024;

/** The passes between the two products, and the residual that they leave. */
struct Pass {
  std::vector<Launch> launches;
  PhasedBuffer residual;
  std::uint64_t bytes = 0;
};

Pass residualPass(Lowering& lowering, const LinearStep& step, const PhasedBuffer& predictions) {
  const std::int64_t columnGroups = ceilDivide(step.units, kLanes);
  const std::int64_t wanted = ceilDivide(kMostGroups, columnGroups);
  const std::int64_t rowsPerGroup =
      std::max(ceilDivide(step.rows, wanted), kRowsAtOnce * kRowsEach);
  const std::int64_t rowGroups = ceilDivide(step.rows, rowsPerGroup);
  const auto bytes = [](std::int64_t count, std::size_t each) {
    return static_cast<std::uint64_t>(count) * each;
  };
  Tensors& tensors = lowering.tensors();
  const std::uint64_t residualBytes = bytes(step.rows * step.units, sizeOf(step.dtype));
  const std::uint64_t squareBytes = bytes(rowGroups * columnGroups, sizeof(float));
  const std::uint64_t sumBytes = bytes(rowGroups * step.units, sizeof(float));
  Pass pass;
  pass.residual = tensors.scratch(residualBytes);
  pass.bytes = residualBytes + squareBytes + sumBytes;
  const PhasedBuffer squares = tensors.scratch(squareBytes);
  const PhasedBuffer columnSums = tensors.scratch(sumBytes);

  const Macros macros = {{"TYPE", metalType(step.dtype)}};
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const auto three = [](std::int64_t x, std::int64_t y, std::int64_t z) {
    return std::array<std::uint32_t, 4>{static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                                        static_cast<std::uint32_t>(z), 0};
  };
  constexpr std::size_t kSums = kRowsAtOnce * kLanes * sizeof(float);
  constexpr std::size_t kTotals = kRowsAtOnce * sizeof(float);
  LaunchShape shape;
  shape.threads[0] = kRowsAtOnce * kLanes;
  shape.groups = {size(columnGroups), size(rowGroups), 1};
  pass.launches.push_back(
      Launch(lowering.kernel("linear_residual.metal", macros, "linear_residual"), shape)
          .buffer(predictions)
          .buffer(tensors.read(step.targets))
          .buffer(pass.residual)
          .buffer(squares)
          .buffer(columnSums)
          .value(three(step.rows, step.units, rowsPerGroup))
          .groupMemory(kSums)
          .groupMemory(kTotals));
  const auto count = static_cast<double>(step.rows) * static_cast<double>(step.units);
  shape.groups = {size(columnGroups + 1), 1, 1};
  pass.launches.push_back(
      Launch(lowering.kernel("linear_residual.metal", macros, "linear_finish"), shape)
          .buffer(tensors.read(step.bias))
          .buffer(tensors.written(step.bias))
          .buffer(columnSums)
          .buffer(squares)
          .buffer(tensors.written(step.loss))
          .value(three(step.units, rowGroups, rowGroups * columnGroups))
          .value(std::array{static_cast<float>(step.biasRate * 2 / count),
                            static_cast<float>(1 / count)})
          .groupMemory(kSums)
          .groupMemory(kTotals));
  return pass;
}

std::vector<Candidate> build(Lowering& lowering, const LinearStep& step) {
  Tensors& tensors = lowering.tensors();
  std::uint64_t ownBytes = 0;
  PhasedBuffer predictions;
  if (step.predictionsSeen) {
    predictions = tensors.written(step.predictions);
  } else {
    ownBytes = static_cast<std::uint64_t>(step.rows * step.units) * sizeOf(step.dtype);
    predictions = tensors.scratch(ownBytes);
  }
  const Pass pass = residualPass(lowering, step, predictions);

  Product forward;
  forward.dtype = step.dtype;
  forward.rows = step.rows;
  forward.columns = step.units;
  forward.inner = step.features;
  forward.a = tensors.read(step.x);
  forward.b = tensors.read(step.weights);
  forward.y = predictions;
  forward.epilogue = Product::Epilogue::bias;
  forward.bias = tensors.read(step.bias);

  // W -= rate * 2 / N * x^T residual.
  Product update;
  update.dtype = step.dtype;
  update.rows = step.features;
  update.columns = step.units;
  update.inner = step.rows;
  update.transposeA = true;
  update.a = tensors.read(step.x);
  update.b = pass.residual;
  update.y = tensors.written(step.weights);
  update.epilogue = Product::Epilogue::update;
  update.bias = tensors.read(step.weights);
  update.rate = static_cast<float>(
      step.weightRate * 2 / (static_cast<double>(step.rows) * static_cast<double>(step.units)));

  std::vector<Candidate> candidates;
  for (const int tile : tilesFor(step.rows, step.units)) {
    std::vector<Launch> all = {productLaunch(lowering, forward, tile)};
    all.insert(all.end(), pass.launches.begin(), pass.launches.end());
    all.push_back(productLaunch(lowering, update, tile));
    Candidate candidate =
        launches("matmul.metal " + std::to_string(tile) + "x" + std::to_string(tile) +
                     " with bias, linear_residual.metal, matmul.metal into the weights",
                 std::move(all));
    candidate.ownBytes = ownBytes + pass.bytes;
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace

std::optional<Match> matchLargeLinearStep(const GraphView& view, OpIndex index,
                                          const Facts& facts) {
  if (!facts.hasSimdgroups || view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto step = findLinearStep(view, index);
  if (!step || !canMultiply(step->rows, step->units, step->features)) return std::nullopt;
  return Match{step->ops, [step = *step](Lowering& lowering) { return build(lowering, step); }};
}

}  // namespace mpsbench::metal
