#include "backends/cpu/ops/bias_add.h"
#include "backends/cpu/ops/ops.h"

namespace mpsbench::cpu {

std::optional<Match> matchBiasAdd(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::biasAdd) return std::nullopt;
  return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) {
    return biasAdd<T>(lowering, index, lowering.op(index).output, false);
  });
}

std::optional<Match> matchSoftmax(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::softmax) return std::nullopt;
  return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) -> Candidate {
    const Op& op = lowering.op(index);
    const T* x = lowering.data<T>(op.inputs[0]);
    T* y = lowering.data<T>(op.output);
    const Matrix matrix = asMatrix(lowering.graph().output(op));
    return {kernelName("softmax"),
            [=, threads = lowering.threads(), kernel = kernels<T>().softmax] {
              // An exponential costs about eight times a plain element.
              const std::size_t grain = kElementGrain / 8 / matrix.columns + 1;
              parallelFor(threads, matrix.rows, grain, [&](std::size_t begin, std::size_t end) {
                kernel(x + begin * matrix.columns, y + begin * matrix.columns, end - begin,
                       matrix.columns);
              });
            }};
  });
}

std::optional<Match> matchMaxPool(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::maxPool2d) return std::nullopt;
  return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) -> Candidate {
    const Op& op = lowering.op(index);
    const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    const Shape& in = lowering.graph().input(op, 0).shape;
    const Shape& out = lowering.graph().output(op).shape;
    const PoolShape shape = {size(in[1]),
                             size(in[2]),
                             size(in[3]),
                             size(out[1]),
                             size(out[2]),
                             size(op.spec.window[0]),
                             size(op.spec.window[1]),
                             size(op.spec.strides[0]),
                             size(op.spec.strides[1])};
    const T* x = lowering.data<T>(op.inputs[0]);
    T* y = lowering.data<T>(op.output);
    return {kernelName("max_pool2d"),
            [=, images = size(in[0]), threads = lowering.threads(), kernel = kernels<T>().maxPool] {
              const std::size_t from = shape.height * shape.width * shape.channels;
              const std::size_t to = shape.outHeight * shape.outWidth * shape.channels;
              parallelFor(threads, images, kElementGrain / from + 1,
                          [&](std::size_t begin, std::size_t end) {
                            for (std::size_t i = begin; i < end; ++i) {
                              kernel(x + i * from, y + i * to, shape);
                            }
                          });
            }};
  });
}

}  // namespace mpsbench::cpu
