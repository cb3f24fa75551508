#include "backends/metal/hardware/limits.h"

#include <algorithm>

#include "core/error.h"
#include "core/size_text.h"

namespace mpsbench::metal {

namespace {

/**
 * From 32,767 on, the last tile of the inner dimension is not clipped on Apple7 and Apple8: the
 * product reads past its operands (pytorch#195163, FB24518264; still in macOS 26.6).
 */
constexpr std::int64_t kInnerOfOldGpus = 32'766;
/** Products with a smaller result use another kernel, which is right. */
constexpr std::int64_t kSmallestTiledResult = 16;
/** Before macOS 14.4, larger dimensions and strides give wrong products (pytorch#116769, #117549).
 */
constexpr std::int64_t kDimensionBefore14_4 = 32'768;
/** A whole number of every kernel's tiles. */
constexpr std::int64_t kInnerPart = 16'384;

/** MTLGPUFamilyApple9, which SDK 13 lacks. */
constexpr auto kApple9 = static_cast<MTLGPUFamily>(1009);

bool isOlderAppleGpu(id<MTLDevice> device) {
  // A virtual machine's GPU calls itself Apple5, whatever its host has.
  return
      [device supportsFamily:static_cast<MTLGPUFamily>(1005)] && ![device supportsFamily:kApple9];
}

/**
 * How many tensors of the size of its inputs the op leaves behind; nothing for ops that are
 * computed in their own dtype. See ops.mm: these are computed in f32 and rounded once.
 */
std::optional<std::uint64_t> wideSteps(OpKind kind) {
  switch (kind) {
    case OpKind::mseLoss:
      return 2;
    case OpKind::mseGrad:
    case OpKind::sgdUpdate:
      return 1;
    case OpKind::reduceSum:
      return 0;
    default:
      return std::nullopt;
  }
}

std::uint64_t wideBytes(const Tensor& tensor) {
  return static_cast<std::uint64_t>(tensor.elements()) * sizeof(float);
}

/** Of the op's intermediates, the number and the size of one. */
struct Intermediates {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

Intermediates intermediatesOf(const Graph& graph, const Op& op, const Limits& limits) {
  if (op.spec.kind == OpKind::matmul) {
    const MatmulSizes sizes = matmulSizes(graph, op);
    // A partial product and the sum so far, and in f32 where the result is narrower.
    if (matmulPart(sizes, limits) == sizes.inner) return {};
    return {3, wideBytes(graph.output(op))};
  }
  const auto steps = wideSteps(op.spec.kind);
  if (!steps) return {};
  const bool isNarrow = sizeOf(graph.output(op).dtype) < sizeof(float);
  // The inputs and the result in f32.
  const std::uint64_t casts = isNarrow ? op.inputs.size() + 1 : 0;
  return {*steps + casts, wideBytes(graph.input(op, 0))};
}

bool isUpdated(const Graph& graph, TensorIndex tensor) {
  return graph.tensors[tensor].role == Role::state;
}

std::optional<std::string> matmulRefusal(const Graph& graph, const Op& op, const Limits& limits) {
  const MatmulSizes sizes = matmulSizes(graph, op);
  // A part keeps the row length of the operand that it is cut from.
  const std::int64_t largest = std::max(
      {sizes.rows, sizes.columns, graph.input(op, 0).shape[1], graph.input(op, 1).shape[1]});
  if (largest <= limits.matmulDimension) return std::nullopt;
  return "the matrix product '" + op.id + "' has a dimension of " + std::to_string(largest) +
         ", and MPSGraph multiplies wrongly above " + std::to_string(limits.matmulDimension) +
         " before macOS 14.4";
}

}  // namespace

Limits limitsOf(id<MTLDevice> device) {
  Limits limits;
  if (isOlderAppleGpu(device)) limits.matmulInner = kInnerOfOldGpus;
  if (@available(macOS 14.4, *)) return limits;
  limits.matmulDimension = kDimensionBefore14_4;
  limits.matmulInner = std::min(limits.matmulInner, kDimensionBefore14_4);
  return limits;
}

MatmulSizes matmulSizes(const Graph& graph, const Op& op) {
  const Shape& a = graph.input(op, 0).shape;
  const Shape& b = graph.input(op, 1).shape;
  return {a[op.spec.transposeA ? 1 : 0], a[op.spec.transposeA ? 0 : 1],
          b[op.spec.transposeB ? 0 : 1]};
}

std::int64_t matmulPart(const MatmulSizes& sizes, const Limits& limits) {
  const bool fits = sizes.inner <= limits.matmulInner;
  const bool isSmall = std::min(sizes.rows, sizes.columns) < kSmallestTiledResult &&
                       sizes.inner <= limits.matmulDimension;
  return fits || isSmall ? sizes.inner : kInnerPart;
}

std::optional<std::string> refusal(const Graph& graph, const Limits& limits) {
  const auto tooLarge = [&](const std::string& what, std::uint64_t bytes) {
    return what + " needs " + sizeText(bytes) +
           ", and MPSGraph handles tensors of less than 4 GiB, intermediates included";
  };
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.bytes() > limits.tensorBytes) {
      return tooLarge("the tensor '" + tensor.id + "'", tensor.bytes());
    }
  }
  for (const Op& op : graph.ops) {
    const Intermediates needed = intermediatesOf(graph, op, limits);
    if (needed.bytes > limits.tensorBytes) {
      return tooLarge("the op '" + op.id + "'", needed.bytes);
    }
    if (op.spec.kind != OpKind::matmul) continue;
    if (const auto reason = matmulRefusal(graph, op, limits)) return reason;
  }
  return std::nullopt;
}

void requireComputable(const Graph& graph, const Limits& limits) {
  if (const auto reason = refusal(graph, limits)) {
    throw Error(ErrorCode::unsupported, "MPSGraph cannot run this: " + *reason + ".",
                "Choose smaller sizes.");
  }
}

std::uint64_t temporaryBytes(const Graph& graph, const Limits& limits) {
  std::uint64_t bytes = 0;
  for (const Op& op : graph.ops) {
    const Intermediates needed = intermediatesOf(graph, op, limits);
    bytes += needed.count * needed.bytes;
    // Outputs and updated states have buffers of their own.
    const bool isOwn = graph.isOutput(op.output) || isUpdated(graph, op.output);
    if (!isOwn) bytes += graph.output(op).bytes();
  }
  return bytes;
}

std::uint64_t transposedBytes(const Graph& graph) {
  std::uint64_t bytes = 0;
  for (const Tensor& tensor : graph.tensors) {
    // Images and filters.
    if (tensor.shape.size() == 4) bytes += tensor.bytes();
  }
  return bytes;
}

}  // namespace mpsbench::metal
