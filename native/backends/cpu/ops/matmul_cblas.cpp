#include "backends/cpu/ops/cblas_ops.h"

namespace mpsbench::cpu {

namespace {

template <class T>
Gemm<T> gemmOf(const Lowering& lowering, const Op& op) {
  const Shape& a = lowering.graph().input(op, 0).shape;
  const Shape& y = lowering.graph().output(op).shape;
  return {.transposeA = op.spec.transposeA,
          .transposeB = op.spec.transposeB,
          .m = blasInt(y[0]),
          .n = blasInt(y[1]),
          .k = blasInt(a[op.spec.transposeA ? 0 : 1])};
}

/** With an update, the product is its gradient: p = -rate A B + p. */
template <class T>
Candidate build(Lowering& lowering, OpIndex index, std::optional<OpIndex> update) {
  const Op& op = lowering.op(index);
  Gemm<T> gemm = gemmOf<T>(lowering, op);
  const T* a = lowering.data<T>(op.inputs[0]);
  const T* b = lowering.data<T>(op.inputs[1]);
  const std::string call = gemmName<T>();
  if (!update) {
    T* y = lowering.data<T>(op.output);
    return {cblasLabel(call), [=] { gemm(a, b, y); }};
  }
  const Op& sgd = lowering.op(*update);
  gemm.alpha = static_cast<T>(-sgd.spec.learningRate);
  gemm.beta = 1;
  T* p = lowering.data<T>(sgd.output);
  return {cblasLabel(call + " with the update"), [=] { gemm(a, b, p); }};
}

}  // namespace

std::optional<Match> matchCblasMatmul(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  std::vector<OpIndex> ops = {index};
  const auto update = view.updateOf(index);
  if (update) ops.push_back(*update);
  return cblasMatch(view, std::move(ops), [index, update]<class T>(Lowering& lowering) {
    return build<T>(lowering, index, update);
  });
}

}  // namespace mpsbench::cpu
