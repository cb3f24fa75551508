#include <algorithm>
#include <utility>

#include "backends/cpu/ops/own_kernel.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/patterns/patterns.h"

namespace mpsbench::cpu {

namespace {

/** Above this, a block of filters leaves the first-level cache and a library does better. */
constexpr std::size_t kMaxTaps = 128;
/** A dense layer this narrow is mostly padding in a library's blocking. */
constexpr std::int64_t kMaxDenseColumns = 16;
/** Images that the dense kernel processes at once. */
constexpr std::size_t kImages = 4;
/** One thread works on one image: larger images are left to the libraries. */
constexpr double kMaxImageFlops = 2e7;

/** What follows the conv2d; the step ends after the pool, after the dense layer's bias or after the
 * softmax. */
constexpr OpKind kFollowing[] = {OpKind::biasAdd, OpKind::relu,   OpKind::maxPool2d,
                                 OpKind::reshape, OpKind::matmul, OpKind::biasAdd,
                                 OpKind::softmax};

/** The conv2d and what follows it. */
struct Chain {
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

bool windowFits(const GraphView& view, const Chain& chain) {
  using Pair = std::array<std::int64_t, 2>;
  const OpSpec& c = view.spec(chain.conv());
  const OpSpec& p = view.spec(chain.pool());
  return c.strides == Pair{1, 1} && c.padding == Padding::valid && p.window == Pair{2, 2} &&
         p.strides == Pair{2, 2};
}

bool sizeFits(const GraphView& view, OpIndex conv, int threads) {
  const Tensor& filters = view.graph().input(view.op(conv), 1);
  const Tensor& output = view.output(conv);
  const auto taps =
      static_cast<std::size_t>(filters.shape[0] * filters.shape[1] * filters.shape[2]);
  const double flops =
      2.0 * static_cast<double>(output.elements() * taps) / static_cast<double>(output.shape[0]);
  return taps <= kMaxTaps &&
         (threads == 1 || flops <= kMaxImageFlops || output.shape[0] / 4 >= threads);
}

bool denseFits(const GraphView& view, const Chain& chain) {
  const Shape& out = view.output(chain.dense()).shape;
  // One row per image: the reshape only flattens.
  return !view.spec(chain.dense()).transposeA && out[1] <= kMaxDenseColumns &&
         out[0] == view.output(chain.pool()).shape[0] && view.takesWeight(chain.dense(), 1) &&
         view.takesWeight(chain.denseBias(), 1);
}

std::optional<Chain> chainAt(const GraphView& view, OpIndex index, int threads) {
  if (view.spec(index).kind != OpKind::conv2d || view.output(index).dtype != DType::f32) {
    return std::nullopt;
  }
  Chain chain = {view.chain(index, kFollowing)};
  if (chain.ops.size() < 4 || !windowFits(view, chain) || !sizeFits(view, index, threads) ||
      !view.takesWeight(index, 1) || !view.takesWeight(chain.bias(), 1)) {
    return std::nullopt;
  }
  if (!chain.hasDense() || !denseFits(view, chain)) chain.endAfterPool();
  return chain;
}

ConvPoolShape shapeOf(const Lowering& lowering, const Chain& chain) {
  const auto& graph = lowering.graph();
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const Shape& in = graph.input(lowering.op(chain.conv()), 0).shape;
  const Shape& filters = graph.input(lowering.op(chain.conv()), 1).shape;
  const Shape& out = graph.output(lowering.op(chain.pool())).shape;
  return {size(in[1]),      size(in[2]),      size(in[3]),  size(filters[0]),
          size(filters[1]), size(filters[3]), size(out[1]), size(out[2])};
}

/** Filters and bias in blocks, repacked whenever the host writes them. */
struct PackedFilters {
  float* filters;
  float* bias;
};
PackedFilters packFilters(Lowering& lowering, const Chain& chain, const ConvPoolShape& shape,
                          std::size_t block) {
  const std::size_t taps = shape.windowHeight * shape.windowWidth * shape.channels;
  const std::size_t count = shape.filters;
  const std::size_t padded = ceilDivide(count, block) * block;
  const TensorIndex filters = lowering.op(chain.conv()).inputs[1];
  const TensorIndex bias = lowering.op(chain.bias()).inputs[1];
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

Candidate pool(Lowering& lowering, const Chain& chain) {
  const ConvPoolKernel& kernel = convPoolKernel();
  const ConvPoolShape shape = shapeOf(lowering, chain);
  const PackedFilters packed = packFilters(lowering, chain, shape, kernel.block);
  const float* x = lowering.data<float>(lowering.op(chain.conv()).inputs[0]);
  float* y = lowering.data<float>(lowering.op(chain.pool()).output);
  const auto images =
      static_cast<std::size_t>(lowering.graph().output(lowering.op(chain.pool())).shape[0]);
  return {kernelName("fused conv + bias + relu + pool"),
          [=, threads = lowering.threads(), run = kernel.run] {
            const std::size_t from = shape.height * shape.width * shape.channels;
            const std::size_t to = shape.outHeight * shape.outWidth * shape.filters;
            parallelFor(threads, images, 2, [&](std::size_t begin, std::size_t end) {
              for (std::size_t i = begin; i < end; ++i) {
                run(x + i * from, packed.filters, packed.bias, y + i * to, shape);
              }
            });
          }};
}

Candidate poolDense(Lowering& lowering, const Chain& chain) {
  const ConvPoolKernel& convPool = convPoolKernel();
  const ConvPoolShape shape = shapeOf(lowering, chain);
  const PackedFilters packed = packFilters(lowering, chain, shape, convPool.block);
  const float* weight = packDense(lowering, chain.dense());
  const float* x = lowering.data<float>(lowering.op(chain.conv()).inputs[0]);
  const float* bias = lowering.data<float>(lowering.op(chain.denseBias()).inputs[1]);
  const Op& last = lowering.op(chain.ops.back());
  float* y = lowering.data<float>(last.output);
  const Matrix matrix = asMatrix(lowering.graph().output(last));
  const std::size_t depth = shape.outHeight * shape.outWidth * shape.filters;
  const int threads = lowering.threads();
  // The pooled maps of the images in flight, a set for each thread.
  auto* maps = static_cast<float*>(
      lowering.scratch(static_cast<std::size_t>(threads) * kImages * depth * sizeof(float)));
  return {kernelName(chain.hasSoftmax() ? "fused conv + bias + relu + pool + dense + softmax"
                                        : "fused conv + bias + relu + pool + dense"),
          [=, rows = matrix.rows, columns = matrix.columns, withSoftmax = chain.hasSoftmax(),
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
          }};
}

}  // namespace

std::optional<Match> matchConvPool(const GraphView& view, OpIndex index, const Facts& facts) {
  const auto chain = chainAt(view, index, facts.threads);
  if (!chain) return std::nullopt;
  return Match{chain->ops, [chain = *chain](Lowering& lowering) -> std::vector<Candidate> {
                 return {chain.hasDense() ? poolDense(lowering, chain) : pool(lowering, chain)};
               }};
}

}  // namespace mpsbench::cpu
