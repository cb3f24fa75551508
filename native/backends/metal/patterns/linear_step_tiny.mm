#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "backends/metal/matchers.h"
#include "core/ceil_divide.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

namespace {

/** Above these one threadgroup is slower than several dispatches. */
constexpr std::int64_t kMostMultiplyAdds = 1 << 16;
constexpr std::int64_t kMostOutputs = 4096;
constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kMostThreads = 1024;
/** Steps of one dispatch, all in one threadgroup: some milliseconds at most. */
constexpr std::int64_t kMostSteps = 1024;

Candidate build(Lowering& lowering, const LinearStep& step) {
  const std::int64_t work = std::max(step.rows * step.units, (step.features + 1) * step.units);
  const std::int64_t threads =
      std::clamp(ceilDivide(work, kLanes) * kLanes, kLanes, kMostThreads);
  const Kernel kernel = lowering.kernel("linear_tiny.metal",
                                        {{"TYPE", metalType(step.dtype)},
                                         {"ROWS", std::to_string(step.rows)},
                                         {"FEATURES", std::to_string(step.features)},
                                         {"UNITS", std::to_string(step.units)},
                                         {"THREADS", std::to_string(threads)},
                                         {"PREDICTIONS", step.predictionsSeen ? "1" : "0"}},
                                        "linear_tiny");
  LaunchShape shape;
  shape.threads[0] = static_cast<std::size_t>(threads);
  Tensors& tensors = lowering.tensors();
  // An argument of the kernel must be bound, even one that it leaves alone.
  const TensorIndex predictions = step.predictionsSeen ? step.predictions : step.loss;
  constexpr std::size_t kSteps = 9;
  Launch launch(kernel, shape);
  launch.buffer(tensors.read(step.x))
      .buffer(tensors.read(step.targets))
      .buffer(tensors.read(step.weights))
      .buffer(tensors.read(step.bias))
      .buffer(tensors.written(step.weights))
      .buffer(tensors.written(step.bias))
      .buffer(tensors.written(predictions))
      .buffer(tensors.written(step.loss))
      .value(std::array{static_cast<float>(step.weightRate), static_cast<float>(step.biasRate)})
      .value(std::uint32_t{1})
      .groupMemory(static_cast<std::size_t>(step.rows * step.units) * sizeof(float))
      .groupMemory(static_cast<std::size_t>(threads / kLanes) * sizeof(float));

  Candidate candidate;
  candidate.name = "linear_tiny.metal, whole steps in one threadgroup";
  candidate.mostTimes = kMostSteps;
  candidate.mostInBatch = kMostSteps;
  candidate.encode = [launch](MPSCommandBuffer* buffer, std::size_t phase, std::int64_t times) {
    id<MTLComputeCommandEncoder> encoder = [buffer computeCommandEncoder];
    launch.with(kSteps, static_cast<std::uint32_t>(times)).encode(encoder, phase);
    [encoder endEncoding];
    // All of its steps write the same buffers.
    return 1 - phase;
  };
  return candidate;
}

}  // namespace

std::optional<Match> matchTinyLinearStep(const GraphView& view, OpIndex index,
                                         const Facts& facts) {
  if (!facts.hasSimdgroups || view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto step = findLinearStep(view, index);
  if (!step || step->rows * step->units > kMostOutputs ||
      step->rows * step->units * step->features > kMostMultiplyAdds) {
    return std::nullopt;
  }
  return Match{step->ops, [step = *step](Lowering& lowering) -> std::vector<Candidate> {
                 return {build(lowering, step)};
               }};
}

}  // namespace mpsbench::metal
