#include <utility>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/cublaslt_product.h"

namespace mpsbench::cuda {

namespace {

/** The product of a matmul op, stored in its output; `result` is that of the step's last op. */
Product productOf(Lowering& lowering, OpIndex index, TensorIndex result) {
  const Op& op = lowering.op(index);
  const Tensor& a = lowering.graph().input(op, 0);
  const Tensor& d = lowering.graph().output(op);
  Product product;
  product.dtype = d.dtype;
  product.rows = d.shape[0];
  product.columns = d.shape[1];
  product.inner = a.shape[op.spec.transposeA ? 0 : 1];
  product.transposeA = op.spec.transposeA;
  product.transposeB = op.spec.transposeB;
  product.a = lowering.data(op.inputs[0]);
  product.b = lowering.data(op.inputs[1]);
  product.d = lowering.data(result);
  return product;
}

}  // namespace

std::optional<Match> matchCublasLt(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  return Match{{index}, [index](Lowering& lowering) {
                 return cublasLtCandidates(lowering,
                                           productOf(lowering, index, lowering.op(index).output));
               }};
}

std::optional<Match> matchCublasLtEpilogue(const GraphView& view, OpIndex index,
                                           const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  std::vector<OpIndex> ops = {index};
  std::optional<TensorIndex> bias;
  bool relu = false;
  if (const auto add = view.fusable(view.op(index).output, OpKind::biasAdd, ops)) {
    ops.push_back(*add);
    bias = view.op(*add).inputs[1];
  }
  if (const auto last = view.fusable(view.op(ops.back()).output, OpKind::relu, ops)) {
    ops.push_back(*last);
    relu = true;
  }
  if (ops.size() == 1) return std::nullopt;
  return Match{ops, [ops, bias, relu](Lowering& lowering) {
                 Product product = productOf(lowering, ops.front(), lowering.op(ops.back()).output);
                 if (bias) product.bias = lowering.data(*bias);
                 product.relu = relu;
                 return cublasLtCandidates(lowering, product);
               }};
}

std::optional<Match> matchCublasLtUpdate(const GraphView& view, OpIndex index,
                                         const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const auto update = view.updateOf(index);
  if (!update) return std::nullopt;
  const std::vector<OpIndex> ops = {index, *update};
  return Match{ops, [ops](Lowering& lowering) {
                 Product product = productOf(lowering, ops.front(), lowering.op(ops.back()).output);
                 product.alpha = -lowering.spec(ops.back()).learningRate;
                 product.beta = 1;
                 return cublasLtCandidates(lowering, product);
               }};
}

}  // namespace mpsbench::cuda
