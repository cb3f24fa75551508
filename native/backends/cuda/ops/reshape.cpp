#include "backends/cuda/driver/libraries.h"
#include "backends/cuda/matchers.h"

namespace mpsbench::cuda {

// The same memory under another shape; a copy where the source may change later.
std::optional<Match> matchReshape(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::reshape) return std::nullopt;
  return Match{
      {index}, [index](Lowering& lowering) -> std::vector<Candidate> {
        const Op& op = lowering.op(index);
        const Tensor& source = lowering.graph().input(op, 0);
        if (source.role == Role::temp) {
          lowering.alias(op.output, op.inputs[0]);
          return {{"no copy", nullptr}};
        }
        const Driver& driver = lowering.context().driver();
        const CUdeviceptr from = lowering.data(op.inputs[0]);
        const CUdeviceptr to = lowering.data(op.output);
        return {{"cuMemcpyDtoDAsync", [&driver, from, to, bytes = source.bytes()](CUstream stream) {
                   driver.check(driver.cuMemcpyDtoDAsync(to, from, bytes, stream),
                                "cuMemcpyDtoDAsync");
                 }}};
      }};
}

}  // namespace mpsbench::cuda
