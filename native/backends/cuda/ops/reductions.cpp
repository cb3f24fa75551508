#include <algorithm>
#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"

namespace mpsbench::cuda {

namespace {

/** Two launches that hand on partial sums. */
Candidate inTwoLaunches(std::string name, const Launch& first, const Launch& second,
                        std::shared_ptr<DeviceBuffer> partials) {
  return {std::move(name), [first, second, partials = std::move(partials)](CUstream stream) {
            first(stream);
            second(stream);
          }};
}

}  // namespace

std::optional<Match> matchMseLoss(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::mseLoss) return std::nullopt;
  return Match{{index}, [index](Lowering& lowering) -> std::vector<Candidate> {
                 constexpr unsigned kThreads = 256;
                 constexpr std::int64_t kEach = 16;
                 const Op& op = lowering.op(index);
                 const Tensor& x = lowering.graph().input(op, 0);
                 const auto count = static_cast<std::int64_t>(x.elements());
                 const std::int64_t most = std::int64_t{8} * lowering.facts().multiprocessors;
                 const std::int64_t blocks =
                     std::clamp<std::int64_t>(ceilDivide(count, kThreads * kEach), 1, most);
                 const std::vector<std::string> options = {
                     std::string("-DTYPE=") + cudaType(x.dtype),
                     "-DTHREADS=" + std::to_string(kThreads)};
                 auto partials =
                     lowering.scratch(static_cast<std::size_t>(blocks) * accumulatorBytes(x.dtype));
                 LaunchShape shape;
                 shape.block.x = kThreads;
                 shape.grid.x = static_cast<unsigned>(blocks);
                 const Launch first(lowering.kernel("mse_loss.cu", options, "mse_partial"), shape,
                                    lowering.data(op.inputs[0]), lowering.data(op.inputs[1]),
                                    partials->address(), count);
                 shape.grid.x = 1;
                 const Launch second(lowering.kernel("mse_loss.cu", options, "mse_finish"), shape,
                                     partials->address(), lowering.data(op.output), blocks, count);
                 return {inTwoLaunches("mse_loss.cu", first, second, std::move(partials))};
               }};
}

std::optional<Match> matchReduceSum(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::reduceSum) return std::nullopt;
  return Match{
      {index}, [index](Lowering& lowering) -> std::vector<Candidate> {
        constexpr std::int64_t kColumns = 32;
        constexpr unsigned kRowThreads = 8;
        const Op& op = lowering.op(index);
        const Tensor& x = lowering.graph().input(op, 0);
        const std::int64_t columns = x.shape[1];
        const std::int64_t rows = x.shape[0];
        const std::int64_t columnBlocks = ceilDivide(columns, kColumns);
        // Enough blocks for every multiprocessor, but at least 64 rows each.
        const std::int64_t wanted =
            ceilDivide(std::int64_t{8} * lowering.facts().multiprocessors, columnBlocks);
        const std::int64_t rowsPerBlock =
            std::max<std::int64_t>(ceilDivide(rows, std::min(wanted, kMostGridY)), 64);
        const std::int64_t rowBlocks = ceilDivide(rows, rowsPerBlock);
        const std::vector<std::string> options = {std::string("-DTYPE=") + cudaType(x.dtype),
                                                  "-DCOLUMNS=" + std::to_string(kColumns),
                                                  "-DROW_THREADS=" + std::to_string(kRowThreads)};
        auto partials = lowering.scratch(static_cast<std::size_t>(rowBlocks * columns) *
                                         accumulatorBytes(x.dtype));
        LaunchShape shape;
        shape.block = {static_cast<unsigned>(kColumns), kRowThreads, 1};
        shape.grid = {static_cast<unsigned>(columnBlocks), static_cast<unsigned>(rowBlocks), 1};
        const Launch first(lowering.kernel("reduce_sum.cu", options, "reduce_partial"), shape,
                           lowering.data(op.inputs[0]), partials->address(), rows, columns,
                           rowsPerBlock);
        LaunchShape finish;
        finish.block.x = 128;
        finish.grid.x = blocksFor(columns, finish.block.x);
        const Launch second(lowering.kernel("reduce_sum.cu", options, "reduce_finish"), finish,
                            partials->address(), lowering.data(op.output), columns, rowBlocks);
        return {inTwoLaunches("reduce_sum.cu", first, second, std::move(partials))};
      }};
}

}  // namespace mpsbench::cuda
