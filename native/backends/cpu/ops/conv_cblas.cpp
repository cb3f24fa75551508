#include <algorithm>
#include <cstring>
#include <optional>

#include "backends/cpu/libraries/threads.h"
#include "backends/cpu/ops/cblas_ops.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

namespace {

/** What im2col reads of one image, and the positions of the window. */
struct Patches {
  std::int64_t height, width, channels;
  std::int64_t windowHeight, windowWidth;
  std::int64_t outHeight, outWidth;
  std::int64_t strideHeight, strideWidth;
  std::int64_t padTop, padLeft;

  [[nodiscard]] std::int64_t rows() const { return outHeight * outWidth; }
  [[nodiscard]] std::int64_t depth() const { return windowHeight * windowWidth * channels; }
};

Patches patchesOf(const Lowering& lowering, const Op& op) {
  const Shape& x = lowering.graph().input(op, 0).shape;
  const Shape& w = lowering.graph().input(op, 1).shape;
  const Shape& y = lowering.graph().output(op).shape;
  const auto& [down, across] = op.spec.strides;
  return {x[1],
          x[2],
          x[3],
          w[0],
          w[1],
          y[1],
          y[2],
          down,
          across,
          windowAxis(x[1], w[0], down, op.spec.padding).padBefore,
          windowAxis(x[2], w[1], across, op.spec.padding).padBefore};
}

/** Writes each window of one image as a row of `columns`; padding is zero. */
template <class T>
void im2col(const T* x, T* columns, const Patches& s) {
  for (std::int64_t row = 0; row < s.outHeight; ++row) {
    for (std::int64_t column = 0; column < s.outWidth; ++column) {
      for (std::int64_t i = 0; i < s.windowHeight; ++i) {
        const std::int64_t y = row * s.strideHeight + i - s.padTop;
        for (std::int64_t j = 0; j < s.windowWidth; ++j, columns += s.channels) {
          const std::int64_t z = column * s.strideWidth + j - s.padLeft;
          if (y < 0 || y >= s.height || z < 0 || z >= s.width) {
            std::fill(columns, columns + s.channels, T{0});
          } else {
            std::copy_n(x + (y * s.width + z) * s.channels, s.channels, columns);
          }
        }
      }
    }
  }
}

template <class T>
Candidate build(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  const Patches patches = patchesOf(lowering, op);
  const Shape& out = lowering.graph().output(op).shape;
  const Gemm<T> gemm = {
      .m = blasInt(patches.rows()), .n = blasInt(out[3]), .k = blasInt(patches.depth())};
  const T* x = lowering.data<T>(op.inputs[0]);
  const T* filters = lowering.data<T>(op.inputs[1]);
  T* y = lowering.data<T>(op.output);
  const auto images = static_cast<std::size_t>(out[0]);
  const auto columnsSize = static_cast<std::size_t>(patches.rows() * patches.depth());
  const auto parts = std::min(static_cast<std::size_t>(lowering.threads()), images);
  T* columns = static_cast<T*>(lowering.scratch(parts * columnsSize * sizeof(T)));
  return {cblasLabel(std::string("im2col + ") + gemmName<T>()), [=, threads = lowering.threads()] {
            const auto from =
                static_cast<std::size_t>(patches.height * patches.width * patches.channels);
            const auto to =
                static_cast<std::size_t>(patches.rows()) * static_cast<std::size_t>(gemm.n);
            const std::size_t each = rowsEach(static_cast<int>(parts), images, 1);
            // Several images: one per thread. A single one: the library's own threads.
            std::optional<BlasOnCallingThread> alone;
            if (parts > 1) alone.emplace(threads);
            parallelParts(static_cast<int>(ceilDivide(images, each)), [&](int part) {
              const std::size_t begin = static_cast<std::size_t>(part) * each;
              T* own = columns + static_cast<std::size_t>(part) * columnsSize;
              for (std::size_t i = begin; i < std::min(begin + each, images); ++i) {
                im2col(x + i * from, own, patches);
                gemm(own, filters, y + i * to);
              }
            });
          }};
}

}  // namespace

std::optional<Match> matchCblasConvolution(const GraphView& view, OpIndex index,
                                           const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::conv2d) return std::nullopt;
  return cblasMatch(view, {index},
                    [index]<class T>(Lowering& lowering) { return build<T>(lowering, index); });
}

}  // namespace mpsbench::cpu
