#include <algorithm>
#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::cuda {

namespace {

/** Above these one block is slower than several launches. */
constexpr std::int64_t kMostMultiplyAdds = 1 << 16;
constexpr std::int64_t kMostOutputs = 4096;

}  // namespace

std::optional<Match> matchTinyLinearStep(const GraphView& view, OpIndex index,
                                         const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto step = findLinearStep(view, index);
  if (!step || step->rows * step->units > kMostOutputs ||
      step->rows * step->units * step->features > kMostMultiplyAdds) {
    return std::nullopt;
  }
  return Match{
      step->ops, [step = *step](Lowering& lowering) -> std::vector<Candidate> {
        const std::int64_t work =
            std::max(step.rows * step.units, (step.features + 1) * step.units);
        const std::int64_t threads = std::clamp<std::int64_t>(ceilDivide(work, 32) * 32, 32, 1024);
        const Kernel kernel = lowering.kernel(
            "linear_tiny.cu",
            {std::string("-DTYPE=") + cudaType(step.dtype), "-DROWS=" + std::to_string(step.rows),
             "-DFEATURES=" + std::to_string(step.features), "-DUNITS=" + std::to_string(step.units),
             "-DTHREADS=" + std::to_string(threads)},
            "linear_tiny");
        LaunchShape shape;
        shape.block.x = static_cast<unsigned>(threads);
        shape.overlapsPrevious = lowering.facts().atLeast(9);
        const CUdeviceptr predictions = step.predictionsSeen ? lowering.data(step.predictions) : 0;
        const auto launches = [=, x = lowering.data(step.x), targets = lowering.data(step.targets),
                               weights = lowering.data(step.weights),
                               bias = lowering.data(step.bias),
                               loss = lowering.data(step.loss)](std::int32_t steps) {
          const auto launch = [&](auto weightRate, auto biasRate) {
            return Launch(kernel, shape, x, targets, weights, bias, predictions, loss, weightRate,
                          biasRate, steps);
          };
          if (step.dtype == DType::f64) return launch(step.weightRate, step.biasRate);
          return launch(static_cast<float>(step.weightRate), static_cast<float>(step.biasRate));
        };
        return {{.name = "linear_tiny.cu, whole steps in one block",
                 .enqueue = launches(1),
                 .enqueueTimes = [launches](CUstream stream, std::int32_t times) {
                   launches(times)(stream);
                 }}};
      }};
}

}  // namespace mpsbench::cuda
