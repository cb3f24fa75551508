#include "backends/cpu/ops/bias_add.h"
#include "backends/cpu/patterns/patterns.h"

namespace mpsbench::cpu {

std::optional<Match> matchBiasAddRelu(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::biasAdd) return std::nullopt;
  const auto relu = view.fusable(view.op(index).output, OpKind::relu, {index});
  if (!relu) return std::nullopt;
  return ownKernelMatch(view, {index, *relu}, [index, relu = *relu]<class T>(Lowering& lowering) {
    return biasAdd<T>(lowering, index, lowering.op(relu).output, true);
  });
}

}  // namespace mpsbench::cpu
