#include "backends/cpu/ops/onednn_ops.h"

namespace mpsbench::cpu {

namespace {

using namespace onednn;

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;

/** oneDNN names the axes n, c, h, w, whatever the layout. */
Desc activations(const Tensor& tensor, Tag tag) {
  const Shape& s = tensor.shape;
  return {Dims{s[0], s[3], s[1], s[2]}, dataType(tensor.dtype), tag};
}

/** [kh,kw,c,f] as oneDNN's o, i, h, w. */
Desc filters(const Tensor& tensor, Tag tag) {
  const Shape& s = tensor.shape;
  return {Dims{s[3], s[2], s[0], s[1]}, dataType(tensor.dtype), tag};
}

/** conv2d and the ops after it that its bias and post-ops cover. */
struct Covered {
  std::vector<OpIndex> ops;
  std::optional<OpIndex> bias;
  bool relu = false;
};

Covered coveredBy(const GraphView& view, OpIndex index) {
  Covered covered = {{index}, {}, false};
  covered.bias = view.fusable(view.op(index).output, OpKind::biasAdd, covered.ops);
  if (covered.bias) covered.ops.push_back(*covered.bias);
  const auto relu = view.fusable(view.op(covered.ops.back()).output, OpKind::relu, covered.ops);
  if (relu) covered.ops.push_back(*relu);
  covered.relu = relu.has_value();
  return covered;
}

Candidate build(Lowering& lowering, OpIndex index, const Covered& covered) {
  const Op& op = lowering.op(index);
  const Graph& graph = lowering.graph();
  const Tensor& x = graph.input(op, 0);
  const Tensor& w = graph.input(op, 1);
  const auto& bias = covered.bias;
  const TensorIndex target = lowering.op(covered.ops.back()).output;
  dnnl::post_ops ops;
  if (covered.relu) appendRelu(ops);

  const auto down = windowAxis(x.shape[1], w.shape[0], op.spec.strides[0], op.spec.padding);
  const auto across = windowAxis(x.shape[2], w.shape[1], op.spec.strides[1], op.spec.padding);
  // A stride beyond the padded image is never taken; oneDNN's code would multiply by it in 32 bits.
  const auto within = [](std::int64_t stride, std::int64_t size, const WindowAxis& axis) {
    return std::min(stride, size + axis.padBefore + axis.padAfter);
  };
  const Desc xDesc = activations(x, Tag::nhwc);
  const Desc yDesc = activations(graph.tensors[target], Tag::nhwc);
  const Desc biasDesc(Dims{w.shape[3]}, dataType(x.dtype), Tag::a);
  const auto desc = makeConvolution(
      context().engine, xDesc, filters(w, Tag::any), bias ? &biasDesc : nullptr, yDesc,
      {within(op.spec.strides[0], x.shape[1], down),
       within(op.spec.strides[1], x.shape[2], across)},
      {down.padBefore, across.padBefore}, {down.padAfter, across.padAfter}, attributes(ops));

  std::vector<BoundPrimitive> steps;
  const auto wrap = [&](const Desc& layout, TensorIndex tensor) {
    return dnnl::memory(layout, context().engine, lowering.storage(tensor));
  };
  std::vector<std::pair<int, dnnl::memory>> args = {
      {DNNL_ARG_SRC, wrap(xDesc, op.inputs[0])},
      {DNNL_ARG_WEIGHTS,
       inLayout(lowering, op.inputs[1], filters(w, Tag::hwio), desc.weights_desc(), steps)},
      {DNNL_ARG_DST, wrap(yDesc, target)},
      {DNNL_ARG_SCRATCHPAD, allocate(lowering, desc.scratchpad_desc())}};
  if (bias) args.emplace_back(DNNL_ARG_BIAS, wrap(biasDesc, lowering.op(*bias).inputs[1]));
  steps.emplace_back(dnnl::convolution_forward(desc), args);
  return inRow(std::string("onednn convolution ") + desc.impl_info_str(), std::move(steps));
}

}  // namespace

std::optional<Match> matchOnednnConvolution(const GraphView& view, OpIndex index,
                                            const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::conv2d) return std::nullopt;
  const Covered covered = coveredBy(view, index);
  return Match{covered.ops, [index, covered](Lowering& lowering) {
                 return translated(lowering, index,
                                   [&] { return build(lowering, index, covered); });
               }};
}

}  // namespace mpsbench::cpu
