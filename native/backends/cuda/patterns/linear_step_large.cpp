#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/cublaslt_product.h"
#include "backends/cuda/ops/grid.h"
#include "backends/cuda/tuning/tuner.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::cuda {

namespace {

// Threads of a block of linear_residual.cu along a row, and down the rows.
constexpr std::int64_t kLanes = 32;
constexpr unsigned kRowThreads = 8;

/** Below this a product no longer hides what launches cost, and other ways are better. */
constexpr double kFewestMultiplyAdds = 1 << 20;

/** The pass between the products. */
struct Pass {
  CUdeviceptr residual = 0;
  /** All launches of it, and the memory that they use. */
  std::function<void(CUstream)> enqueue;
};

Pass residualPass(Lowering& lowering, const LinearStep& step) {
  const std::size_t elementBytes = sizeOf(step.dtype);
  const std::size_t sumBytes = accumulatorBytes(step.dtype);
  const auto widest = static_cast<std::int64_t>(16 / elementBytes);
  const std::int64_t vector = step.units % widest == 0 ? widest : 1;
  const std::int64_t columnBlocks = ceilDivide(step.units, kLanes * vector);
  // Enough blocks for every multiprocessor, and at least 8 rows per thread if there are so many.
  const std::int64_t wanted =
      ceilDivide(std::int64_t{8} * lowering.facts().multiprocessors, columnBlocks);
  const std::int64_t rowsPerBlock =
      std::max<std::int64_t>(ceilDivide(step.rows, std::max<std::int64_t>(wanted, 1)), 64);
  const std::int64_t rowBlocks = ceilDivide(step.rows, rowsPerBlock);

  const std::vector<std::string> options = {
      std::string("-DTYPE=") + cudaType(step.dtype), "-DVECTOR=" + std::to_string(vector),
      "-DLANES=" + std::to_string(kLanes), "-DROW_THREADS=" + std::to_string(kRowThreads)};
  const auto count = static_cast<double>(step.rows) * static_cast<double>(step.units);
  const auto residual =
      lowering.scratch(static_cast<std::size_t>(step.rows * step.units) * elementBytes);
  const auto squares =
      lowering.scratch(static_cast<std::size_t>(rowBlocks * columnBlocks) * sumBytes);
  const auto columnSums =
      lowering.scratch(static_cast<std::size_t>(rowBlocks * step.units) * sumBytes);

  LaunchShape shape;
  shape.block = {static_cast<unsigned>(kLanes), kRowThreads, 1};
  shape.grid = {static_cast<unsigned>(columnBlocks), static_cast<unsigned>(rowBlocks), 1};
  const Launch pass(lowering.kernel("linear_residual.cu", options, "linear_residual"), shape,
                    lowering.data(step.predictions), lowering.data(step.targets),
                    residual->address(), squares->address(), columnSums->address(), step.rows,
                    step.units, static_cast<std::int32_t>(rowsPerBlock));
  shape.grid = {static_cast<unsigned>(ceilDivide(step.units, kLanes) + 1), 1, 1};
  const Launch finish(lowering.kernel("linear_residual.cu", options, "linear_finish"), shape,
                      lowering.data(step.bias), columnSums->address(), step.units,
                      static_cast<std::int32_t>(rowBlocks), step.biasRate * 2 / count,
                      lowering.data(step.loss), squares->address(), rowBlocks * columnBlocks,
                      1 / count);
  return {residual->address(), [pass, finish, residual, squares, columnSums](CUstream stream) {
            pass(stream);
            finish(stream);
          }};
}

Product forwardProduct(Lowering& lowering, const LinearStep& step) {
  Product product;
  product.dtype = step.dtype;
  product.rows = step.rows;
  product.columns = step.units;
  product.inner = step.features;
  product.a = lowering.data(step.x);
  product.b = lowering.data(step.weights);
  product.d = lowering.data(step.predictions);
  product.bias = lowering.data(step.bias);
  return product;
}

/** W -= rate * 2 / N * x^T residual, into the weights themselves. */
Product updateProduct(Lowering& lowering, const LinearStep& step, CUdeviceptr residual) {
  Product product;
  product.dtype = step.dtype;
  product.rows = step.features;
  product.columns = step.units;
  product.inner = step.rows;
  product.transposeA = true;
  product.a = lowering.data(step.x);
  product.b = residual;
  product.d = lowering.data(step.weights);
  product.alpha =
      -step.weightRate * 2 / (static_cast<double>(step.rows) * static_cast<double>(step.units));
  product.beta = 1;
  return product;
}

std::vector<Candidate> build(Lowering& lowering, const LinearStep& step) {
  std::vector<Candidate> forward = cublasLtCandidates(lowering, forwardProduct(lowering, step));
  if (forward.empty()) return {};
  const Pass pass = residualPass(lowering, step);
  std::vector<Candidate> update =
      cublasLtCandidates(lowering, updateProduct(lowering, step, pass.residual));
  if (update.empty()) return {};

  // Each product is measured separately, in the order in which the step runs.
  Context& context = lowering.context();
  std::uint32_t seed = 0;
  for (const TensorIndex tensor : {step.x, step.targets, step.weights, step.bias}) {
    fill(context, lowering.data(tensor), step.dtype, lowering.graph().tensors[tensor].elements(),
         ++seed);
  }
  const std::size_t tried = forward.size() + update.size();
  Choice first = choose(context, std::move(forward));
  pass.enqueue(context.stream());
  Choice last = choose(context, std::move(update));
  std::string name = first.candidate.name + " with bias; linear_residual.cu; " +
                     last.candidate.name + " into the weights; the fastest of " +
                     std::to_string(tried) + " products";
  return {{std::move(name), [product = std::move(first.candidate.enqueue), pass = pass.enqueue,
                             update = std::move(last.candidate.enqueue)](CUstream stream) {
             product(stream);
             pass(stream);
             update(stream);
           }}};
}

}  // namespace

std::optional<Match> matchLargeLinearStep(const GraphView& view, OpIndex index,
                                          const Facts& /*facts*/) {
  const auto step = findLinearStep(view, index);
  if (!step) return std::nullopt;
  const double multiplyAdds = static_cast<double>(step->rows) *
                              static_cast<double>(step->features) *
                              static_cast<double>(step->units);
  if (multiplyAdds < kFewestMultiplyAdds) return std::nullopt;
  return Match{step->ops, [step = *step](Lowering& lowering) { return build(lowering, step); }};
}

}  // namespace mpsbench::cuda
