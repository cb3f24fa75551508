#include <string>
#include <vector>

#include "backends/metal/calls/linear_residual.h"
#include "backends/metal/matchers.h"
#include "backends/metal/ops/matmul.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

namespace {

std::vector<Candidate> build(Lowering& lowering, const LinearStep& step) {
  Tensors& tensors = lowering.tensors();
  const LargeStepCalls calls = largeStepCalls(step);
  std::uint64_t ownBytes = calls.residualBytes + calls.squareBytes + calls.columnSumBytes;
  PhasedBuffer predictions;
  if (step.predictionsSeen) {
    predictions = tensors.written(step.predictions);
  } else {
    // As large as the residual.
    predictions = tensors.scratch(calls.residualBytes);
    ownBytes += calls.residualBytes;
  }
  const PhasedBuffer residual = tensors.scratch(calls.residualBytes);
  const PhasedBuffer squares = tensors.scratch(calls.squareBytes);
  const PhasedBuffer columnSums = tensors.scratch(calls.columnSumBytes);

  const Product forward = {.spec = calls.forward,
                           .a = tensors.read(step.x),
                           .b = tensors.read(step.weights),
                           .y = predictions,
                           .bias = tensors.read(step.bias)};
  const Product update = {.spec = calls.update,
                          .a = tensors.read(step.x),
                          .b = residual,
                          .y = tensors.written(step.weights),
                          .bias = tensors.read(step.weights)};
  Launch between = lowering.launch(calls.residual);
  between.buffer(predictions)
      .buffer(tensors.read(step.targets))
      .buffer(residual)
      .buffer(squares)
      .buffer(columnSums);
  Launch finish = lowering.launch(calls.finish);
  finish.buffer(tensors.read(step.bias))
      .buffer(tensors.written(step.bias))
      .buffer(columnSums)
      .buffer(squares)
      .buffer(tensors.written(step.loss));

  std::vector<Candidate> candidates;
  for (const int tile : tilesFor(step.rows, step.units)) {
    const std::string name = productCall(calls.forward, tile).label +
                             " with bias, linear_residual.metal, matmul.metal into the weights";
    candidates.push_back(launches(name, {productLaunch(lowering, forward, tile), between, finish,
                                         productLaunch(lowering, update, tile)}));
    candidates.back().ownBytes = ownBytes;
    candidates.back().expectedNs = expectedNs(calls.forward) + expectedNs(calls.update);
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
