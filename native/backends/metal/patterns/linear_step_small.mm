#include <optional>
#include <vector>

#include "backends/metal/calls/linear_small.h"
#include "backends/metal/matchers.h"
#include "core/patterns/linear_step.h"

// The candidate of kernels/linear_small.metal.
namespace mpsbench::metal {

namespace {

Candidate candidateOf(Lowering& lowering, const LinearStep& step, const SmallStepCalls& calls) {
  Tensors& tensors = lowering.tensors();
  const PhasedBuffer residuals = tensors.scratch(calls.residualBytes);
  const PhasedBuffer squares = tensors.scratch(calls.squareBytes);
  const PhasedBuffer columnSums = tensors.scratch(calls.columnSumBytes);
  Launch forward = lowering.launch(calls.forward);
  forward.buffer(tensors.read(step.x))
      .buffer(tensors.read(step.targets))
      .buffer(tensors.read(step.weights))
      .buffer(tensors.read(step.bias))
      // An argument of the kernel must be bound, even one that it leaves alone.
      .buffer(tensors.written(step.predictionsSeen ? step.predictions : step.loss))
      .buffer(residuals)
      .buffer(squares)
      .buffer(columnSums);
  Launch backward = lowering.launch(calls.backward);
  backward.buffer(tensors.read(step.x))
      .buffer(residuals)
      .buffer(squares)
      .buffer(columnSums)
      .buffer(tensors.read(step.weights))
      .buffer(tensors.read(step.bias))
      .buffer(tensors.written(step.weights))
      .buffer(tensors.written(step.bias))
      .buffer(tensors.written(step.loss));
  Candidate candidate = launches(calls.forward.label, {forward, backward});
  candidate.ownBytes = calls.residualBytes + calls.squareBytes + calls.columnSumBytes;
  return candidate;
}

}  // namespace

std::optional<Match> matchSmallLinearStep(const GraphView& view, OpIndex index,
                                          const Facts& facts) {
  if (!facts.hasSimdgroups || view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto step = findLinearStep(view, index);
  if (!step) return std::nullopt;
  const auto calls = smallStepCalls(*step);
  if (!calls) return std::nullopt;
  return Match{step->ops,
               [step = *step, calls = *calls](Lowering& lowering) -> std::vector<Candidate> {
                 return {candidateOf(lowering, step, calls)};
               }};
}

}  // namespace mpsbench::metal
