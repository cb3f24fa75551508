#include <optional>
#include <vector>

#include "backends/metal/calls/linear_tiny.h"
#include "backends/metal/matchers.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

namespace {

/** Steps of one dispatch, all in one threadgroup: some milliseconds at most. */
constexpr std::int64_t kMostSteps = 1024;

Candidate build(Lowering& lowering, const LinearStep& step) {
  const KernelCall call = tinyStepCall(step, 1);
  Tensors& tensors = lowering.tensors();
  Launch launch = lowering.launch(call);
  launch.buffer(tensors.read(step.x))
      .buffer(tensors.read(step.targets))
      .buffer(tensors.read(step.weights))
      .buffer(tensors.read(step.bias))
      .buffer(tensors.written(step.weights))
      .buffer(tensors.written(step.bias))
      // An argument of the kernel must be bound, even one that it leaves alone.
      .buffer(tensors.written(step.predictionsSeen ? step.predictions : step.loss))
      .buffer(tensors.written(step.loss));
  Candidate candidate;
  candidate.name = call.label;
  candidate.mostTimes = kMostSteps;
  candidate.mostInBatch = kMostSteps;
  candidate.encode = [launch](MPSCommandBuffer* buffer, std::size_t phase, std::int64_t times) {
    id<MTLComputeCommandEncoder> encoder = [buffer computeCommandEncoder];
    launch.with(kTinySteps, static_cast<std::uint32_t>(times)).encode(encoder, phase);
    [encoder endEncoding];
    // All of its steps write the same buffers.
    return 1 - phase;
  };
  return candidate;
}

}  // namespace

std::optional<Match> matchTinyLinearStep(const GraphView& view, OpIndex index, const Facts& facts) {
  if (!facts.hasSimdgroups || view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto step = findLinearStep(view, index);
  if (!step || !isTiny(*step)) return std::nullopt;
  return Match{step->ops, [step = *step](Lowering& lowering) -> std::vector<Candidate> {
                 return {build(lowering, step)};
               }};
}

}  // namespace mpsbench::metal
