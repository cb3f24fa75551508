#include "backends/metal/calls/matmul.h"

#include <algorithm>

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

ProductSpec productOf(const Graph& graph, const Op& op) {
  const Tensor& y = graph.output(op);
  return {.dtype = y.dtype,
          .rows = y.shape[0],
          .columns = y.shape[1],
          .inner = graph.input(op, 0).shape[op.spec.transposeA ? 0 : 1],
          .transposeA = op.spec.transposeA,
          .transposeB = op.spec.transposeB};
}

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

double expectedNs(const ProductSpec& product) {
  // About a TFLOP/s.
  constexpr double kFlopsPerNs = 1000;
  constexpr double kLongNs = 1e8;
  const double flops = 2.0 * static_cast<double>(product.rows) *
                       static_cast<double>(product.columns) * static_cast<double>(product.inner);
  return flops / kFlopsPerNs > kLongNs ? flops / kFlopsPerNs : 0;
}

KernelCall productCall(const ProductSpec& product, int tile) {
  const std::size_t grid = gridOf(tile);
  const bool isHalf = product.dtype == DType::f16;
  KernelCall call{"matmul.metal",
                  {{"TYPE", metalType(product.dtype)},
                   {"FACTOR", isHalf ? "half" : "float"},
                   {"TRANSPOSE_A", product.transposeA ? "1" : "0"},
                   {"TRANSPOSE_B", product.transposeB ? "1" : "0"},
                   {"TILE", std::to_string(tile)},
                   {"GRID", std::to_string(grid)},
                   {"DEPTH", std::to_string(kDepth)},
                   {"EPILOGUE", std::to_string(static_cast<int>(product.epilogue))}},
                  "matmul"};
  call.shape.threads[0] = grid * grid * kLanes;
  call.shape.groups[0] = static_cast<std::size_t>(ceilDivide(product.columns, tile));
  call.shape.groups[1] = static_cast<std::size_t>(ceilDivide(product.rows, tile));
  const std::size_t strip =
      static_cast<std::size_t>(tile) * kDepth * (isHalf ? sizeof(std::uint16_t) : sizeof(float));
  constexpr std::size_t kResults = 64 * sizeof(float);
  call.groupMemory = {strip, strip, grid * grid * kResults};
  call.setValue(4, uint4(product.rows, product.columns, product.inner));
  call.setValue(5, product.rate);
  call.bandArgument = 4;
  call.label = "matmul.metal " + std::to_string(tile) + "x" + std::to_string(tile);
  return call;
}

}  // namespace mpsbench::metal
