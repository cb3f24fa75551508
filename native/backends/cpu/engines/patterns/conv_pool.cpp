#include "backends/cpu/engines/patterns/conv_pool.h"

#include <algorithm>
#include <utility>

#include "backends/cpu/engines/loops/dispatch.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

namespace {

/** Above this, a block of filters leaves the first-level cache and a library does better. */
constexpr std::size_t kMaxTaps = 128;
/** A dense layer this narrow is mostly padding in a library's blocking. */
constexpr std::int64_t kMaxDenseColumns = 16;
/** Images that the dense kernel takes at once. */
constexpr std::size_t kImages = 4;
/** One thread works on one image: images that take longer than this are a library's business. */
constexpr double kMaxImageFlops = 2e7;

/** The kinds of the ops that follow each other; the step ends after the pool, after the dense
 * layer's bias or after the softmax. */
constexpr OpKind kChain[] = {OpKind::conv2d,  OpKind::biasAdd, OpKind::relu,    OpKind::maxPool2d,
                             OpKind::reshape, OpKind::matmul,  OpKind::biasAdd, OpKind::softmax};

/** The ops of the pattern, by their place in `kChain`. */
struct Match {
  std::vector<OpIndex> ops;

  [[nodiscard]] OpIndex conv() const { return ops[0]; }
  [[nodiscard]] OpIndex bias() const { return ops[1]; }
  [[nodiscard]] OpIndex pool() const { return ops[3]; }
  [[nodiscard]] bool hasDense() const { return ops.size() >= 7; }
  [[nodiscard]] OpIndex dense() const { return ops[5]; }
  [[nodiscard]] OpIndex denseBias() const { return ops[6]; }
  [[nodiscard]] bool hasSoftmax() const { return ops.size() == 8; }
  void endAfterPool() { ops.resize(4); }
};

bool isWeight(const Lowering& lowering, OpIndex op, std::size_t input) {
  return lowering.graph().input(lowering.op(op), input).role == Role::weight;
}

bool windowFits(const Lowering& lowering, OpIndex conv, OpIndex pool) {
  using Pair = std::array<std::int64_t, 2>;
  const OpSpec& c = lowering.op(conv).spec;
  const OpSpec& p = lowering.op(pool).spec;
  return c.strides == Pair{1, 1} && c.padding == Padding::valid && p.window == Pair{2, 2} &&
         p.strides == Pair{2, 2};
}

bool sizeFits(const Lowering& lowering, OpIndex conv) {
  const Tensor& filters = lowering.graph().input(lowering.op(conv), 1);
  const Tensor& output = lowering.graph().output(lowering.op(conv));
  const auto taps =
      static_cast<std::size_t>(filters.shape[0] * filters.shape[1] * filters.shape[2]);
  const double flops =
      2.0 * static_cast<double>(output.elements() * taps) / static_cast<double>(output.shape[0]);
  return taps <= kMaxTaps && (lowering.threads() == 1 || flops <= kMaxImageFlops ||
                              output.shape[0] / 4 >= lowering.threads());
}

bool denseFits(const Lowering& lowering, const Match& match) {
  const Op& dense = lowering.op(match.dense());
  const auto& graph = lowering.graph();
  const Shape& out = graph.output(dense).shape;
  // One row an image: the reshape flattens, and does nothing else.
  return !dense.spec.transposeA && out[1] <= kMaxDenseColumns &&
         out[0] == graph.output(lowering.op(match.pool())).shape[0] &&
         isWeight(lowering, match.dense(), 1) && isWeight(lowering, match.denseBias(), 1);
}

std::optional<Match> matchAt(const Lowering& lowering, OpIndex index) {
  const Op& conv = lowering.op(index);
  if (conv.spec.kind != kChain[0] || lowering.graph().output(conv).dtype != DType::f32) {
    return std::nullopt;
  }
  Match match = {{index}};
  while (match.ops.size() < std::size(kChain)) {
    const auto next =
        lowering.fusable(lowering.op(match.ops.back()).output, kChain[match.ops.size()], match.ops);
    if (!next) break;
    match.ops.push_back(*next);
  }
  if (match.ops.size() < 4 || !windowFits(lowering, index, match.pool()) ||
      !sizeFits(lowering, index) || !isWeight(lowering, index, 1) ||
      !isWeight(lowering, match.bias(), 1)) {
    return std::nullopt;
  }
  if (!match.hasDense() || !denseFits(lowering, match)) match.endAfterPool();
  return match;
}

ConvPoolShape shapeOf(const Lowering& lowering, const Match& match) {
  const auto& graph = lowering.graph();
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const Shape& in = graph.input(lowering.op(match.conv()), 0).shape;
  const Shape& filters = graph.input(lowering.op(match.conv()), 1).shape;
  const Shape& out = graph.output(lowering.op(match.pool())).shape;
  return {size(in[1]),      size(in[2]),      size(in[3]),  size(filters[0]),
          size(filters[1]), size(filters[3]), size(out[1]), size(out[2])};
}

/** Filters and bias in blocks, repacked whenever the host writes them. */
struct PackedFilters {
  float* filters;
  float* bias;
};
PackedFilters packFilters(Lowering& lowering, const Match& match, const ConvPoolShape& shape,
                          std::size_t block) {
  const std::size_t taps = shape.windowHeight * shape.windowWidth * shape.channels;
  const std::size_t count = shape.filters;
  const std::size_t padded = ceilDivide(count, block) * block;
  const TensorIndex filters = lowering.op(match.conv()).inputs[1];
  const TensorIndex bias = lowering.op(match.bias()).inputs[1];
  const PackedFilters packed = {
      static_cast<float*>(lowering.scratch(padded * taps * sizeof(float))),
      static_cast<float*>(lowering.scratch(padded * sizeof(float)))};
  lowering.onWrite(filters, [=, from = lowering.data<float>(filters)] {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      for (std::size_t f = 0; f < count; ++f) {
        packed.filters[(f / block * taps + tap) * block + f % block] = from[tap * count + f];
      }
    }
  });
  lowering.onWrite(
      bias, [=, from = lowering.data<float>(bias)] { std::copy(from, from + count, packed.bias); });
  return packed;
}

/** The dense layer's weight as [columns][depth]. */
float* packDense(Lowering& lowering, OpIndex dense) {
  const Op& op = lowering.op(dense);
  const Tensor& weight = lowering.graph().input(op, 1);
  const auto columns = static_cast<std::size_t>(lowering.graph().output(op).shape[1]);
  const std::size_t depth = weight.elements() / columns;
  auto* packed = static_cast<float*>(lowering.scratch(weight.bytes()));
  lowering.onWrite(op.inputs[1], [=, from = lowering.data<float>(op.inputs[1]),
                                  transposed = op.spec.transposeB] {
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t d = 0; d < depth; ++d) {
        packed[c * depth + d] = transposed ? from[c * depth + d] : from[d * columns + c];
      }
    }
  });
  return packed;
}

void emitPool(Lowering& lowering, const Match& match) {
  const ConvPoolKernel& kernel = convPoolKernel();
  const ConvPoolShape shape = shapeOf(lowering, match);
  const PackedFilters packed = packFilters(lowering, match, shape, kernel.block);
  const float* x = lowering.data<float>(lowering.op(match.conv()).inputs[0]);
  float* y = lowering.data<float>(lowering.op(match.pool()).output);
  const auto images =
      static_cast<std::size_t>(lowering.graph().output(lowering.op(match.pool())).shape[0]);
  lowering.emit(match.ops, kernelName("fused conv + bias + relu + pool"),
                [=, threads = lowering.threads(), run = kernel.run] {
                  const std::size_t from = shape.height * shape.width * shape.channels;
                  const std::size_t to = shape.outHeight * shape.outWidth * shape.filters;
                  parallelFor(threads, images, 2, [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) {
                      run(x + i * from, packed.filters, packed.bias, y + i * to, shape);
                    }
                  });
                });
}

void emitPoolDense(Lowering& lowering, const Match& match) {
  const ConvPoolKernel& convPool = convPoolKernel();
  const ConvPoolShape shape = shapeOf(lowering, match);
  const PackedFilters packed = packFilters(lowering, match, shape, convPool.block);
  const float* weight = packDense(lowering, match.dense());
  const float* x = lowering.data<float>(lowering.op(match.conv()).inputs[0]);
  const float* bias = lowering.data<float>(lowering.op(match.denseBias()).inputs[1]);
  const Op& last = lowering.op(match.ops.back());
  float* y = lowering.data<float>(last.output);
  const Matrix matrix = asMatrix(lowering.graph().output(last));
  const std::size_t depth = shape.outHeight * shape.outWidth * shape.filters;
  const int threads = lowering.threads();
  // The pooled maps of the images in flight, a set for each thread.
  auto* maps = static_cast<float*>(
      lowering.scratch(static_cast<std::size_t>(threads) * kImages * depth * sizeof(float)));
  lowering.emit(
      match.ops,
      kernelName(match.hasSoftmax() ? "fused conv + bias + relu + pool + dense + softmax"
                                    : "fused conv + bias + relu + pool + dense"),
      [=, rows = matrix.rows, columns = matrix.columns, withSoftmax = match.hasSoftmax(),
       conv = convPool.run, dense = narrowDenseKernel(), softmax = kernels<float>().softmax] {
        const std::size_t from = shape.height * shape.width * shape.channels;
        const std::size_t each = rowsEach(threads, rows, kImages);
        parallelParts(static_cast<int>(ceilDivide(rows, each)), [&](int part) {
          const std::size_t begin = static_cast<std::size_t>(part) * each;
          const std::size_t end = std::min(begin + each, rows);
          float* map = maps + static_cast<std::size_t>(part) * kImages * depth;
          for (std::size_t i = begin; i < end; i += kImages) {
            const std::size_t count = std::min(kImages, end - i);
            for (std::size_t j = 0; j < count; ++j) {
              conv(x + (i + j) * from, packed.filters, packed.bias, map + j * depth, shape);
            }
            float* out = y + i * columns;
            dense(map, weight, bias, out, count, depth, columns);
            if (withSoftmax) softmax(out, out, count, columns);
          }
        });
      });
}

}  // namespace

bool lowerConvPool(Lowering& lowering, OpIndex index) {
  const auto match = matchAt(lowering, index);
  if (!match) return false;
  if (match->hasDense()) {
    emitPoolDense(lowering, *match);
  } else {
    emitPool(lowering, *match);
  }
  return true;
}

}  // namespace mpsbench::cpu
