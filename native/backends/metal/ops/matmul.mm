#include "backends/metal/ops/matmul.h"

#include <algorithm>
#include <array>
#include <string>

#include "backends/metal/matchers.h"
#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

constexpr int kTiles[] = {32, 64, 128};
constexpr std::size_t kLanes = 32;
/** Of the inner dimension, what goes through threadgroup memory at once. */
constexpr std::size_t kDepth = 16;

/** Simdgroups along a side of the tile: a simdgroup has 16x16 or 32x32 results. */
std::size_t gridOf(int tile) {
  return tile == 128 ? 4 : 2;
}

}  // namespace

std::vector<int> tilesFor(std::int64_t rows, std::int64_t columns) {
  std::vector<int> tiles;
  for (const int tile : kTiles) {
    // A tile that is mostly padding is work for nothing.
    if (tiles.empty() || std::min(rows, columns) > tile / 2) tiles.push_back(tile);
  }
  return tiles;
}

bool canMultiply(std::int64_t rows, std::int64_t columns, std::int64_t inner) {
  return std::max({rows, columns, inner}) < INT32_MAX / 2;
}

Launch productLaunch(Lowering& lowering, const Product& product, int tile) {
  const std::size_t grid = gridOf(tile);
  const bool isHalf = product.dtype == DType::f16;
  const Kernel kernel = lowering.kernel(
      "matmul.metal",
      {{"TYPE", metalType(product.dtype)},
       {"FACTOR", isHalf ? "half" : "float"},
       {"TRANSPOSE_A", product.transposeA ? "1" : "0"},
       {"TRANSPOSE_B", product.transposeB ? "1" : "0"},
       {"TILE", std::to_string(tile)},
       {"GRID", std::to_string(grid)},
       {"DEPTH", std::to_string(kDepth)},
       {"EPILOGUE", std::to_string(static_cast<int>(product.epilogue))}},
      "matmul");
  LaunchShape shape;
  shape.threads[0] = grid * grid * kLanes;
  shape.groups[0] = static_cast<std::size_t>(ceilDivide(product.columns, tile));
  shape.groups[1] = static_cast<std::size_t>(ceilDivide(product.rows, tile));
  const std::size_t strip =
      static_cast<std::size_t>(tile) * kDepth * (isHalf ? sizeof(std::uint16_t) : sizeof(float));
  constexpr std::size_t kResults = 64 * sizeof(float);
  // Three numbers take the room of four.
  const std::array<std::uint32_t, 4> sizes = {static_cast<std::uint32_t>(product.rows),
                                              static_cast<std::uint32_t>(product.columns),
                                              static_cast<std::uint32_t>(product.inner), 0};
  Launch launch(kernel, shape);
  launch.buffer(product.a)
      .buffer(product.b)
      // An argument of the kernel must be bound, even one that it leaves alone.
      .buffer(product.epilogue == Product::Epilogue::none ? product.b : product.bias)
      .buffer(product.y)
      .value(sizes)
      .value(product.rate)
      .groupMemory(strip)
      .groupMemory(strip)
      .groupMemory(grid * grid * kResults);
  return launch;
}

std::optional<Match> matchMatmul(const GraphView& view, OpIndex index, const Facts& facts) {
  if (!facts.hasSimdgroups || view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const MatmulSizes sizes = matmulSizes(view.graph(), view.op(index));
  if (!canMultiply(sizes.rows, sizes.columns, sizes.inner)) return std::nullopt;
  return Match{{index}, [index, sizes](Lowering& lowering) {
                 const Op& op = lowering.op(index);
                 Tensors& tensors = lowering.tensors();
                 Product product;
                 product.dtype = lowering.graph().output(op).dtype;
                 product.rows = sizes.rows;
                 product.columns = sizes.columns;
                 product.inner = sizes.inner;
                 product.transposeA = op.spec.transposeA;
                 product.transposeB = op.spec.transposeB;
                 product.a = tensors.read(op.inputs[0]);
                 product.b = tensors.read(op.inputs[1]);
                 product.y = tensors.written(op.output);
                 std::vector<Candidate> candidates;
                 for (const int tile : tilesFor(sizes.rows, sizes.columns)) {
                   candidates.push_back(launches("matmul.metal " + std::to_string(tile) + "x" +
                                                     std::to_string(tile),
                                                 {productLaunch(lowering, product, tile)}));
                 }
                 return candidates;
               }};
}

}  // namespace mpsbench::metal
