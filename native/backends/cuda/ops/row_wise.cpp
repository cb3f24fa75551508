#include <algorithm>
#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"

namespace mpsbench::cuda {

std::optional<Match> matchBiasAdd(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::biasAdd) return std::nullopt;
  return Match{
      {index}, [index](Lowering& lowering) -> std::vector<Candidate> {
        const Op& op = lowering.op(index);
        const Tensor& y = lowering.graph().output(op);
        const auto count = static_cast<std::int64_t>(y.elements());
        const std::int64_t channels = y.shape.back();
        // The widest access that lies in one row.
        auto vector = static_cast<std::int64_t>(16 / sizeOf(y.dtype));
        while (channels % vector != 0) vector /= 2;
        LaunchShape shape;
        shape.block.x = 256;
        shape.grid.x = blocksFor(count, vector * shape.block.x);
        const Kernel kernel = lowering.kernel(
            "bias_add.cu",
            {std::string("-DTYPE=") + cudaType(y.dtype), "-DVECTOR=" + std::to_string(vector)},
            "bias_add");
        return {{"bias_add.cu x" + std::to_string(vector),
                 Launch(kernel, shape, lowering.data(op.inputs[0]), lowering.data(op.inputs[1]),
                        lowering.data(op.output), count, channels)}};
      }};
}

std::optional<Match> matchSoftmax(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::softmax) return std::nullopt;
  return Match{
      {index}, [index](Lowering& lowering) {
        const Op& op = lowering.op(index);
        const Tensor& y = lowering.graph().output(op);
        const std::int64_t columns = y.shape.back();
        const std::int64_t rows = static_cast<std::int64_t>(y.elements()) / columns;
        std::vector<Candidate> candidates;
        for (const int rowThreads : {8, 32, 256}) {
          // A row of a few passes at most, or all threads of a block.
          if (rowThreads < 256 && columns > rowThreads * std::int64_t{64}) continue;
          if (rowThreads > 32 && columns < rowThreads) continue;
          LaunchShape shape;
          shape.block.x = 256;
          shape.grid.x = blocksFor(rows, 256 / rowThreads);
          candidates.push_back(
              {"softmax.cu " + std::to_string(rowThreads) + " threads per row",
               Launch(lowering.kernel("softmax.cu",
                                      {std::string("-DTYPE=") + cudaType(y.dtype), "-DTHREADS=256",
                                       "-DROW_THREADS=" + std::to_string(rowThreads)},
                                      "softmax"),
                      shape, lowering.data(op.inputs[0]), lowering.data(op.output), rows,
                      columns)});
        }
        return candidates;
      }};
}

}  // namespace mpsbench::cuda
