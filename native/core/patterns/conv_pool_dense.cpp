#include "core/patterns/conv_pool_dense.h"

namespace mpsbench {

namespace {

/** Follows a chain of ops of which each is the only reader of the one before. */
class Chain {
 public:
  Chain(const GraphView& view, OpIndex first) : view_(view), ops_{first} {}

  /** Goes on to the reader of the last output; false where it is of another kind. */
  bool next(OpKind kind) {
    const auto found = view_.fusable(last().output, kind, ops_);
    if (found) ops_.push_back(*found);
    return found.has_value();
  }
  [[nodiscard]] const Op& last() const { return view_.op(ops_.back()); }
  /** Whether the last op's second input is written by the host alone. */
  [[nodiscard]] bool takesWeight() const {
    return view_.graph().input(last(), 1).role == Role::weight;
  }
  [[nodiscard]] const Tensor& output() const { return view_.graph().output(last()); }
  [[nodiscard]] std::vector<OpIndex> take() { return std::move(ops_); }

 private:
  const GraphView& view_;
  std::vector<OpIndex> ops_;
};

bool readConvolution(const GraphView& view, Chain& chain, ConvPoolDense& net) {
  const Op& conv = chain.last();
  if (!chain.takesWeight()) return false;
  const Shape& x = view.graph().input(conv, 0).shape;
  const Shape& filters = view.graph().input(conv, 1).shape;
  net.dtype = chain.output().dtype;
  net.batch = x[0];
  net.height = x[1], net.width = x[2], net.channels = x[3];
  net.kernelY = filters[0], net.kernelX = filters[1], net.filterCount = filters[3];
  net.strideY = conv.spec.strides[0], net.strideX = conv.spec.strides[1];
  net.convY = windowAxis(net.height, net.kernelY, net.strideY, conv.spec.padding);
  net.convX = windowAxis(net.width, net.kernelX, net.strideX, conv.spec.padding);
  net.x = conv.inputs[0], net.filters = conv.inputs[1];
  return true;
}

bool readPool(Chain& chain, ConvPoolDense& net) {
  if (!chain.next(OpKind::biasAdd) || !chain.takesWeight()) return false;
  net.convBias = chain.last().inputs[1];
  if (!chain.next(OpKind::relu) || !chain.next(OpKind::maxPool2d)) return false;
  const OpSpec& pool = chain.last().spec;
  net.windowY = pool.window[0], net.windowX = pool.window[1];
  net.poolStrideY = pool.strides[0], net.poolStrideX = pool.strides[1];
  net.pooledY = chain.output().shape[1], net.pooledX = chain.output().shape[2];
  return true;
}

bool readDense(Chain& chain, ConvPoolDense& net) {
  if (!chain.next(OpKind::reshape) || !chain.next(OpKind::matmul)) return false;
  const OpSpec& dense = chain.last().spec;
  // One row per image: the reshape only flattens.
  if (dense.transposeA || !chain.takesWeight() || chain.output().shape[0] != net.batch) {
    return false;
  }
  net.transposedDense = dense.transposeB;
  net.units = chain.output().shape[1];
  net.dense = chain.last().inputs[1];
  if (!chain.next(OpKind::biasAdd) || !chain.takesWeight()) return false;
  net.denseBias = chain.last().inputs[1];
  net.softmax = chain.next(OpKind::softmax);
  net.y = chain.last().output;
  return true;
}

}  // namespace

std::optional<ConvPoolDense> findConvPoolDense(const GraphView& view, OpIndex conv) {
  if (view.spec(conv).kind != OpKind::conv2d) return std::nullopt;
  Chain chain(view, conv);
  ConvPoolDense net;
  if (!readConvolution(view, chain, net) || !readPool(chain, net) || !readDense(chain, net)) {
    return std::nullopt;
  }
  // Kernels count images, and the weights of the dense layer, in 32 bits; a warp finishes an image.
  constexpr std::int64_t kMost = 0x7fffffff;
  if (net.units > ConvPoolDense::kMostUnits || net.batch > kMost ||
      net.pixels() * net.filterCount * net.units > kMost) {
    return std::nullopt;
  }
  net.ops = chain.take();
  return net;
}

std::vector<std::pair<const char*, std::int64_t>> ConvPoolDense::macros() const {
  return {{"BATCH", batch},
          {"HEIGHT", height},
          {"WIDTH", width},
          {"CHANNELS", channels},
          {"KERNEL_Y", kernelY},
          {"KERNEL_X", kernelX},
          {"STRIDE_Y", strideY},
          {"STRIDE_X", strideX},
          {"PAD_Y", convY.padBefore},
          {"PAD_X", convX.padBefore},
          {"FILTERS", filterCount},
          {"WINDOW_Y", windowY},
          {"WINDOW_X", windowX},
          {"POOL_Y", poolStrideY},
          {"POOL_X", poolStrideX},
          {"POOLED_Y", pooledY},
          {"POOLED_X", pooledX},
          {"UNITS", units},
          {"SOFTMAX", softmax ? 1 : 0}};
}

}  // namespace mpsbench
