#include "backends/cpu/engines/onednn/ops.h"

namespace mpsbench::cpu::onednn {

namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

/** The logical matrix [rows, columns] of a tensor that is stored row-major, or transposed. */
Desc matrixDesc(const Tensor& tensor, bool transposed) {
  const std::int64_t first = tensor.shape[0];
  const std::int64_t second = tensor.shape[1];
  return transposed ? Desc(Dims{second, first}, dataType(tensor.dtype), Dims{1, second})
                    : Desc(Dims{first, second}, dataType(tensor.dtype), Dims{second, 1});
}

/** The same matrix in whatever layout oneDNN likes best. */
Desc anyLayout(const Tensor& tensor, bool transposed) {
  const Dims dims =
      transposed ? Dims{tensor.shape[1], tensor.shape[0]} : Dims{tensor.shape[0], tensor.shape[1]};
  return {dims, dataType(tensor.dtype), dnnl::memory::format_tag::any};
}

/** The ops that follow a matmul and that its post-ops take over. */
struct Tail {
  std::optional<OpIndex> bias, relu, update;
};

Tail tailOf(const Lowering& lowering, OpIndex index) {
  Tail tail;
  tail.update = lowering.updateOf(index);
  if (tail.update) return tail;
  tail.bias = lowering.fusable(lowering.op(index).output, OpKind::biasAdd, index);
  const TensorIndex last = lowering.op(tail.bias.value_or(index)).output;
  tail.relu = lowering.fusable(last, OpKind::relu, index);
  return tail;
}

dnnl::post_ops postOps(const Lowering& lowering, const Tail& tail) {
  dnnl::post_ops ops;
  if (tail.relu) appendRelu(ops);
  if (tail.update) {  // p = -rate A B + p
    appendScale(ops, static_cast<float>(-lowering.op(*tail.update).spec.learningRate));
    ops.append_sum(1);
  }
  return ops;
}

}  // namespace

bool lowerMatmul(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::matmul) return false;
  const Graph& graph = lowering.graph();
  const Tensor& a = graph.input(op, 0);
  const Tensor& b = graph.input(op, 1);
  const Tail tail = tailOf(lowering, index);
  std::vector<OpIndex> covered = {index};
  for (const auto& follower : {tail.bias, tail.relu, tail.update}) {
    if (follower) covered.push_back(*follower);
  }
  const TensorIndex target = lowering.op(covered.back()).output;

  const Desc aDesc = matrixDesc(a, op.spec.transposeA);
  const Desc bPlain = matrixDesc(b, op.spec.transposeB);
  const bool packs = isPackable(lowering, op.inputs[1]);
  const Desc bWanted = packs ? anyLayout(b, op.spec.transposeB) : bPlain;
  const Desc yDesc = matrixDesc(graph.tensors[target], false);
  std::optional<Desc> bias;
  if (tail.bias) {
    const std::int64_t columns = graph.output(op).shape[1];
    bias = Desc(Dims{1, columns}, dataType(a.dtype), Dims{columns, 1});
  }
  const auto desc = makeMatmul(context().engine, aDesc, bWanted, bias ? &*bias : nullptr, yDesc,
                               attributes(postOps(lowering, tail)));

  std::vector<BoundPrimitive> steps;
  const auto wrap = [&](const Desc& layout, TensorIndex tensor) {
    return dnnl::memory(layout, context().engine, lowering.storage(tensor));
  };
  std::vector<std::pair<int, dnnl::memory>> args = {
      {DNNL_ARG_SRC, wrap(aDesc, op.inputs[0])},
      {DNNL_ARG_WEIGHTS, inLayout(lowering, op.inputs[1], bPlain, desc.weights_desc(), steps)},
      {DNNL_ARG_DST, wrap(yDesc, target)},
      {DNNL_ARG_SCRATCHPAD, allocate(lowering, desc.scratchpad_desc())}};
  if (tail.bias) {
    args.emplace_back(DNNL_ARG_BIAS, wrap(*bias, lowering.op(*tail.bias).inputs[1]));
  }
  steps.emplace_back(dnnl::matmul(desc), args);
  emitSteps(lowering, covered, std::string("onednn matmul ") + desc.impl_info_str(),
            std::move(steps));
  return true;
}

}  // namespace mpsbench::cpu::onednn
