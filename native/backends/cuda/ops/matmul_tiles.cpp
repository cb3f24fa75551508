#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"

namespace mpsbench::cuda {

std::optional<Match> matchMatmulTiles(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  return Match{
      {index}, [index](Lowering& lowering) -> std::vector<Candidate> {
        constexpr std::int64_t kTile = 64;
        const Op& op = lowering.op(index);
        const Tensor& c = lowering.graph().output(op);
        const std::int64_t rows = c.shape[0];
        const std::int64_t columns = c.shape[1];
        const Shape& a = lowering.graph().input(op, 0).shape;
        const std::int64_t inner = a[op.spec.transposeA ? 0 : 1];
        if (ceilDivide(rows, kTile) > kMostGridY) return {};
        const Kernel kernel = lowering.kernel(
            "matmul.cu",
            {std::string("-DTYPE=") + cudaType(c.dtype), "-DTILE=" + std::to_string(kTile),
             std::string("-DTRANSPOSE_A=") + (op.spec.transposeA ? "1" : "0"),
             std::string("-DTRANSPOSE_B=") + (op.spec.transposeB ? "1" : "0")},
            "matmul");
        LaunchShape shape;
        shape.block.x = 256;
        shape.grid = {blocksFor(columns, kTile), static_cast<unsigned>(ceilDivide(rows, kTile)), 1};
        return {{"matmul.cu",
                 Launch(kernel, shape, lowering.data(op.inputs[0]), lowering.data(op.inputs[1]),
                        lowering.data(op.output), rows, columns, inner)}};
      }};
}

}  // namespace mpsbench::cuda
