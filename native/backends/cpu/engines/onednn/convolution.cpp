#include "backends/cpu/engines/onednn/ops.h"

namespace mpsbench::cpu::onednn {

namespace {

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

}  // namespace

bool lowerConvolution(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::conv2d) return false;
  const Graph& graph = lowering.graph();
  const Tensor& x = graph.input(op, 0);
  const Tensor& w = graph.input(op, 1);

  std::vector<OpIndex> covered = {index};
  const auto bias = lowering.fusable(op.output, OpKind::biasAdd, covered);
  if (bias) covered.push_back(*bias);
  const auto relu = lowering.fusable(lowering.op(covered.back()).output, OpKind::relu, covered);
  if (relu) covered.push_back(*relu);
  const TensorIndex target = lowering.op(covered.back()).output;
  dnnl::post_ops ops;
  if (relu) appendRelu(ops);

  const auto down = windowAxis(x.shape[1], w.shape[0], op.spec.strides[0], op.spec.padding);
  const auto across = windowAxis(x.shape[2], w.shape[1], op.spec.strides[1], op.spec.padding);
  const Desc xDesc = activations(x, Tag::nhwc);
  const Desc yDesc = activations(graph.tensors[target], Tag::nhwc);
  const Desc biasDesc(Dims{w.shape[3]}, dataType(x.dtype), Tag::a);
  const auto desc = makeConvolution(
      context().engine, xDesc, filters(w, Tag::any), bias ? &biasDesc : nullptr, yDesc,
      {op.spec.strides[0], op.spec.strides[1]}, {down.padBefore, across.padBefore},
      {down.padAfter, across.padAfter}, attributes(ops));

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
  emitSteps(lowering, covered, std::string("onednn convolution ") + desc.impl_info_str(),
            std::move(steps));
  return true;
}

}  // namespace mpsbench::cpu::onednn
