#include <algorithm>
#include <string>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"

namespace mpsbench::cuda {

namespace {

/** How often each thread continues reading before it writes, and the threads of a block. */
struct Shape {
  int unroll;
  int threads;
};
constexpr Shape kShapes[] = {{1, 256}, {1, 1024}, {2, 512}};

/** Ops of two equal tensors, relu and the SGD update; the function of elementwise.cu is the op. */
bool isElementwise(OpKind kind) {
  switch (kind) {
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::relu:
    case OpKind::mseGrad:
    case OpKind::sgdUpdate:
      return true;
    default:
      return false;
  }
}

/** The function's arguments besides the two values. */
double factorOf(const OpSpec& op, std::int64_t count) {
  if (op.kind == OpKind::sgdUpdate) return op.learningRate;
  return op.kind == OpKind::mseGrad ? 2.0 / static_cast<double>(count) : 0.0;
}

Candidate candidateOf(Lowering& lowering, const Op& op, const Shape& shape, int vector,
                      bool streaming) {
  const Tensor& y = lowering.graph().output(op);
  const auto count = static_cast<std::int64_t>(y.elements());
  const Kernel kernel = lowering.kernel(
      "elementwise.cu",
      {std::string("-DTYPE=") + cudaType(y.dtype), std::string("-DOPERATION=") + name(op.spec.kind),
       "-DVECTOR=" + std::to_string(vector), "-DUNROLL=" + std::to_string(shape.unroll),
       "-DTHREADS=" + std::to_string(shape.threads),
       std::string("-DSTREAMING=") + (streaming ? "1" : "0")},
      "elementwise");
  LaunchShape launch;
  launch.block.x = static_cast<unsigned>(shape.threads);
  launch.grid.x = blocksFor(count / vector, std::int64_t{shape.unroll} * shape.threads);
  const CUdeviceptr a = lowering.data(op.inputs[0]);
  const CUdeviceptr b = lowering.data(op.inputs.back());
  const CUdeviceptr to = lowering.data(op.output);
  const double factor = factorOf(op.spec, count);
  std::string label = "elementwise.cu " + std::to_string(shape.threads) + " threads x " +
                      std::to_string(shape.unroll * vector) + (streaming ? ", streaming" : "");
  if (y.dtype == DType::f64) return {label, Launch(kernel, launch, a, b, to, count, factor)};
  return {label, Launch(kernel, launch, a, b, to, count, static_cast<float>(factor))};
}

}  // namespace

std::optional<Match> matchElementwise(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  if (!isElementwise(view.spec(index).kind)) return std::nullopt;
  return Match{{index}, [index](Lowering& lowering) {
                 const Op& op = lowering.op(index);
                 const Tensor& y = lowering.graph().output(op);
                 const int vector = static_cast<int>(16 / sizeOf(y.dtype));
                 // The hints pay where the tensors do not stay in the cache anyway; they take the
                 // path for values that nobody writes, so not for an update in place.
                 const bool streams =
                     y.bytes() > lowering.facts().l2Bytes && op.spec.kind != OpKind::sgdUpdate;
                 std::vector<Candidate> candidates;
                 for (const Shape& shape : kShapes) {
                   candidates.push_back(candidateOf(lowering, op, shape, vector, false));
                   if (streams)
                     candidates.push_back(candidateOf(lowering, op, shape, vector, true));
                 }
                 return candidates;
               }};
}

}  // namespace mpsbench::cuda
