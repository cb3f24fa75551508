#include "backends/cpu/engines/loops/dispatch.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

bool lowerSoftmax(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::softmax) return false;
  return dispatchLoops(lowering.graph().output(op).dtype, [&]<class T>() {
    const T* x = lowering.data<T>(op.inputs[0]);
    T* y = lowering.data<T>(op.output);
    const Matrix matrix = asMatrix(lowering.graph().output(op));
    lowering.emit({index}, kernelName("softmax"),
                  [=, threads = lowering.threads(), kernel = kernels<T>().softmax] {
                    // An exponential costs about eight times a plain element.
                    const std::size_t grain = kElementGrain / 8 / matrix.columns + 1;
                    parallelFor(threads, matrix.rows, grain,
                                [&](std::size_t begin, std::size_t end) {
                                  kernel(x + begin * matrix.columns, y + begin * matrix.columns,
                                         end - begin, matrix.columns);
                                });
                  });
  });
}

bool lowerMaxPool(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::maxPool2d) return false;
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
  return dispatchLoops(lowering.graph().output(op).dtype, [&]<class T>() {
    const T* x = lowering.data<T>(op.inputs[0]);
    T* y = lowering.data<T>(op.output);
    lowering.emit(
        {index}, kernelName("max_pool2d"),
        [=, images = size(in[0]), threads = lowering.threads(), kernel = kernels<T>().maxPool] {
          const std::size_t from = shape.height * shape.width * shape.channels;
          const std::size_t to = shape.outHeight * shape.outWidth * shape.channels;
          parallelFor(threads, images, kElementGrain / from + 1,
                      [&](std::size_t begin, std::size_t end) {
                        for (std::size_t i = begin; i < end; ++i) {
                          kernel(x + i * from, y + i * to, shape);
                        }
                      });
        });
  });
}

}  // namespace mpsbench::cpu
