#include "backends/metal/calls/elementwise.h"

#include <algorithm>

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

/** What the function takes beside the two values. */
float factorOf(const OpSpec& op, std::size_t count) {
  if (op.kind == OpKind::sgdUpdate) return static_cast<float>(op.learningRate);
  return op.kind == OpKind::mseGrad ? static_cast<float>(2.0 / static_cast<double>(count)) : 0.0F;
}

KernelCall callOf(const OpSpec& op, DType dtype, std::size_t count, const Shape& shape) {
  KernelCall call{"elementwise.metal",
                  // The function is the op.
                  {{"TYPE", metalType(dtype)},
                   {"OPERATION", std::string("op_") + name(op.kind)},
                   {"UNROLL", std::to_string(shape.unroll)},
                   {"THREADS", std::to_string(shape.threads)}},
                  "elementwise"};
  call.shape.threads[0] = shape.threads;
  call.shape.groups[0] =
      std::max<std::size_t>(1, ceilDivide(count, kVector * shape.unroll * shape.threads));
  call.setValue(3, static_cast<std::uint32_t>(count));
  call.setValue(4, factorOf(op, count));
  call.label = "elementwise.metal " + std::to_string(shape.threads) + " threads x " +
               std::to_string(shape.unroll * kVector);
  return call;
}

}  // namespace

bool isElementwise(OpKind kind) {
  switch (kind) {
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::relu:
    case OpKind::reshape:
    case OpKind::mseGrad:
    case OpKind::sgdUpdate:
      return true;
    default:
      return false;
  }
}

std::vector<KernelCall> elementwiseCalls(const OpSpec& op, DType dtype, std::size_t count) {
  std::vector<KernelCall> calls;
  for (const Shape& shape : kShapes) {
    // One threadgroup does small tensors, whatever its shape.
    if (!calls.empty() && count <= shape.threads * kVector) continue;
    calls.push_back(callOf(op, dtype, count, shape));
  }
  return calls;
}

}  // namespace mpsbench::metal
