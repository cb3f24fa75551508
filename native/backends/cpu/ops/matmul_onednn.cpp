#include <string_view>

#include "backends/cpu/ops/onednn_ops.h"

namespace mpsbench::cpu {

namespace {

using namespace onednn;

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

/** A matmul and the ops after it that become its post-ops. */
struct Covered {
  std::vector<OpIndex> ops;
  std::optional<OpIndex> bias, relu, update;
};

Covered coveredBy(const GraphView& view, OpIndex index) {
  Covered covered = {{index}, {}, {}, {}};
  const auto take = [&](std::optional<OpIndex> op) {
    if (op) covered.ops.push_back(*op);
    return op;
  };
  covered.update = take(view.updateOf(index));
  if (covered.update) return covered;
  const auto next = [&](OpKind kind) {
    return take(view.fusable(view.op(covered.ops.back()).output, kind, covered.ops));
  };
  covered.bias = next(OpKind::biasAdd);
  covered.relu = next(OpKind::relu);
  return covered;
}

dnnl::post_ops postOps(const Graph& graph, const Covered& covered) {
  dnnl::post_ops ops;
  if (covered.relu) appendRelu(ops);
  if (covered.update) {  // p = -rate A B + p
    appendScale(ops, static_cast<float>(-graph.ops[*covered.update].spec.learningRate));
    ops.append_sum(1);
  }
  return ops;
}

/** @param weights the layout of the second matrix */
dnnl::matmul::primitive_desc describe(const Graph& graph, OpIndex index, const Covered& covered,
                                      const Desc& weights) {
  const Op& op = graph.ops[index];
  const Tensor& a = graph.input(op, 0);
  std::optional<Desc> bias;
  if (covered.bias) {
    const std::int64_t columns = graph.output(op).shape[1];
    bias = Desc(Dims{1, columns}, dataType(a.dtype), Dims{columns, 1});
  }
  const Tensor& target = graph.output(graph.ops[covered.ops.back()]);
  return makeMatmul(context().engine, matrixDesc(a, op.spec.transposeA), weights,
                    bias ? &*bias : nullptr, matrixDesc(target, false),
                    attributes(postOps(graph, covered)));
}

/**
 * Whether oneDNN has only its reference loops for these ops together, hundreds of times slower than
 * the product by itself: so it is with the update in oneDNN 2.6 on a CPU without AVX-512.
 */
bool isReference(const Graph& graph, OpIndex index, const Covered& covered) {
  const Op& op = graph.ops[index];
  if (largestDimension(graph, op) > kLargestDimension) return false;
  try {
    const Desc weights = matrixDesc(graph.input(op, 1), op.spec.transposeB);
    return std::string_view(describe(graph, index, covered, weights).impl_info_str())
        .starts_with("ref");
  } catch (const dnnl::error&) {
    return false;
  }
}

Candidate build(Lowering& lowering, OpIndex index, const Covered& covered) {
  const Op& op = lowering.op(index);
  const Graph& graph = lowering.graph();
  const Tensor& a = graph.input(op, 0);
  const Tensor& b = graph.input(op, 1);
  const TensorIndex target = lowering.op(covered.ops.back()).output;

  const Desc aDesc = matrixDesc(a, op.spec.transposeA);
  const Desc bPlain = matrixDesc(b, op.spec.transposeB);
  const bool packs = isPackable(lowering, op.inputs[1]);
  const Desc bWanted = packs ? anyLayout(b, op.spec.transposeB) : bPlain;
  const auto desc = describe(graph, index, covered, bWanted);

  std::vector<BoundPrimitive> steps;
  const auto wrap = [&](const Desc& layout, TensorIndex tensor) {
    return dnnl::memory(layout, context().engine, lowering.storage(tensor));
  };
  std::vector<std::pair<int, dnnl::memory>> args = {
      {DNNL_ARG_SRC, wrap(aDesc, op.inputs[0])},
      {DNNL_ARG_WEIGHTS, inLayout(lowering, op.inputs[1], bPlain, desc.weights_desc(), steps)},
      {DNNL_ARG_DST, wrap(desc.dst_desc(), target)},
      {DNNL_ARG_SCRATCHPAD, allocate(lowering, desc.scratchpad_desc())}};
  if (covered.bias) {
    args.emplace_back(DNNL_ARG_BIAS, wrap(desc.bias_desc(), lowering.op(*covered.bias).inputs[1]));
  }
  steps.emplace_back(dnnl::matmul(desc), args);
  return inRow(std::string("onednn matmul ") + desc.impl_info_str(), std::move(steps));
}

}  // namespace

std::optional<Match> matchOnednnMatmul(const GraphView& view, OpIndex index,
                                       const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::matmul) return std::nullopt;
  Covered covered = coveredBy(view, index);
  if (covered.update && isReference(view.graph(), index, covered)) covered = {{index}, {}, {}, {}};
  return Match{covered.ops, [index, covered](Lowering& lowering) {
                 return translated(lowering, index,
                                   [&] { return build(lowering, index, covered); });
               }};
}

}  // namespace mpsbench::cpu
