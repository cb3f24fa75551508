#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"

namespace mpsbench::cuda {

namespace {

/** As in windows.cu. */
struct Window {
  std::int64_t outputs;
  std::int64_t height, width, channels;
  std::int64_t outHeight, outWidth, outChannels;
  std::int64_t windowY, windowX, strideY, strideX, padY, padX;
};

Window windowOf(const Lowering& lowering, const Op& op) {
  const Shape& x = lowering.graph().input(op, 0).shape;
  const Tensor& y = lowering.graph().output(op);
  const bool pool = op.spec.kind == OpKind::maxPool2d;
  const std::int64_t windowY = pool ? op.spec.window[0] : lowering.graph().input(op, 1).shape[0];
  const std::int64_t windowX = pool ? op.spec.window[1] : lowering.graph().input(op, 1).shape[1];
  const Padding padding = pool ? Padding::valid : op.spec.padding;
  const auto before = [&](std::size_t axis, std::int64_t window) {
    return windowAxis(x[axis + 1], window, op.spec.strides[axis], padding).padBefore;
  };
  return {static_cast<std::int64_t>(y.elements()),
          x[1],
          x[2],
          x[3],
          y.shape[1],
          y.shape[2],
          y.shape[3],
          windowY,
          windowX,
          op.spec.strides[0],
          op.spec.strides[1],
          before(0, windowY),
          before(1, windowX)};
}

}  // namespace

std::optional<Match> matchWindows(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  const OpKind kind = view.spec(index).kind;
  if (kind != OpKind::conv2d && kind != OpKind::maxPool2d) return std::nullopt;
  return Match{
      {index}, [index, kind](Lowering& lowering) -> std::vector<Candidate> {
        const Op& op = lowering.op(index);
        const Window window = windowOf(lowering, op);
        const Kernel kernel = lowering.kernel(
            "windows.cu", {std::string("-DTYPE=") + cudaType(lowering.graph().output(op).dtype)},
            name(kind));
        LaunchShape shape;
        shape.block.x = 256;
        shape.grid.x = blocksFor(window.outputs, shape.block.x);
        const CUdeviceptr x = lowering.data(op.inputs[0]);
        const CUdeviceptr y = lowering.data(op.output);
        if (kind == OpKind::maxPool2d) {
          return {{"windows.cu", Launch(kernel, shape, x, y, window)}};
        }
        return {{"windows.cu", Launch(kernel, shape, x, lowering.data(op.inputs[1]), y, window)}};
      }};
}

}  // namespace mpsbench::cuda
