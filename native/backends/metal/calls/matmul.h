#pragma once

#include <cstdint>
#include <vector>

#include "backends/metal/driver/kernel_call.h"
#include "core/graph.h"

namespace mpsbench::metal {

/** A product of matmul.metal: y = a b, with what follows it. */
struct ProductSpec {
  /** As EPILOGUE of the kernel. */
  enum class Epilogue { none, bias, update };

  DType dtype = DType::f32;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t inner = 0;
  bool transposeA = false;
  bool transposeB = false;
  Epilogue epilogue = Epilogue::none;
  /** For `update`. */
  float rate = 0;
};

/** The product that a matmul op is. */
ProductSpec productOf(const Graph& graph, const Op& op);

/** Sides of the squares that a threadgroup computes, and that can pay for a product of these sizes.
 */
std::vector<int> tilesFor(std::int64_t rows, std::int64_t columns);

/** Whether the kernel, which counts rows, columns and depth in 32 bits, can take these sizes. */
bool canMultiply(std::int64_t rows, std::int64_t columns, std::int64_t inner);

/** Nanoseconds on the smallest GPU of Apple silicon, where that is more than a command buffer may
 * hold; else 0. */
double expectedNs(const ProductSpec& product);

/** Buffers: a, b, the bias (for `update` a matrix like y), y. */
KernelCall productCall(const ProductSpec& product, int tile);

}  // namespace mpsbench::metal
