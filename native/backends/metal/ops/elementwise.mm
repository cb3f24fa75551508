#include <algorithm>
#include <string>
#include <vector>

#include "backends/metal/matchers.h"
#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

/** Threads of a threadgroup, and vectors that each takes. */
struct Shape {
  std::size_t threads;
  std::size_t unroll;
};
constexpr Shape kShapes[] = {{256, 1}, {1024, 1}, {256, 4}};
constexpr std::size_t kVector = 4;

/** Ops of two equal tensors, relu and the SGD update; the function of elementwise.metal is the op. */
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

/** What the function takes beside the two values. */
float factorOf(const OpSpec& op, std::size_t count) {
  if (op.kind == OpKind::sgdUpdate) return static_cast<float>(op.learningRate);
  return op.kind == OpKind::mseGrad ? static_cast<float>(2.0 / static_cast<double>(count)) : 0.0F;
}

Candidate candidateOf(Lowering& lowering, const Op& op, const Shape& shape) {
  const Tensor& y = lowering.graph().output(op);
  const std::size_t count = y.elements();
  const Kernel kernel = lowering.kernel("elementwise.metal",
                                        {{"TYPE", metalType(y.dtype)},
                                         {"OPERATION", std::string("op_") + name(op.spec.kind)},
                                         {"UNROLL", std::to_string(shape.unroll)},
                                         {"THREADS", std::to_string(shape.threads)}},
                                        "elementwise");
  LaunchShape launch;
  launch.threads[0] = shape.threads;
  launch.groups[0] = std::max<std::size_t>(1, ceilDivide(count, kVector * shape.unroll * shape.threads));
  Tensors& tensors = lowering.tensors();
  return launches("elementwise.metal " + std::to_string(shape.threads) + " threads x " +
                      std::to_string(shape.unroll * kVector),
                  {Launch(kernel, launch)
                       .buffer(tensors.read(op.inputs[0]))
                       .buffer(tensors.read(op.inputs.back()))
                       .buffer(tensors.written(op.output))
                       .value(static_cast<std::uint32_t>(count))
                       .value(factorOf(op.spec, count))});
}

}  // namespace

std::optional<Match> matchElementwise(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  // The kernel counts in 32 bits.
  if (!isElementwise(view.spec(index).kind) || view.output(index).elements() > UINT32_MAX / 2) {
    return std::nullopt;
  }
  return Match{{index}, [index](Lowering& lowering) {
                 const Op& op = lowering.op(index);
                 const std::size_t count = lowering.graph().output(op).elements();
                 std::vector<Candidate> candidates;
                 for (const Shape& shape : kShapes) {
                   // One threadgroup does small tensors, whatever its shape.
                   const bool isFirst = candidates.empty();
                   if (!isFirst && count <= shape.threads * kVector) continue;
                   candidates.push_back(candidateOf(lowering, op, shape));
                 }
                 return candidates;
               }};
}

}  // namespace mpsbench::metal
