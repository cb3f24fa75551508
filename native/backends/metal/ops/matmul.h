#pragma once

#include <cstdint>
#include <vector>

#include "backends/metal/lowering.h"

namespace mpsbench::metal {

/** A product of matmul.metal: y = a b, with what follows it. */
struct Product {
  /** As EPILOGUE of the kernel. */
  enum class Epilogue { none, bias, update };

  DType dtype = DType::f32;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t inner = 0;
  bool transposeA = false;
  bool transposeB = false;
  PhasedBuffer a;
  PhasedBuffer b;
  PhasedBuffer y;
  Epilogue epilogue = Epilogue::none;
  /** For `bias` a value of each column, for `update` a matrix like y. */
  PhasedBuffer bias = {};
  /** For `update`. */
  float rate = 0;
};

/** Sides of the squares that a threadgroup computes, and that can pay for a product of these sizes. */
std::vector<int> tilesFor(std::int64_t rows, std::int64_t columns);

/** Whether the kernel, which counts rows, columns and depth in 32 bits, can take these sizes. */
bool canMultiply(std::int64_t rows, std::int64_t columns, std::int64_t inner);

/** @throws Error `unsupported` */
Launch productLaunch(Lowering& lowering, const Product& product, int tile);

}  // namespace mpsbench::metal
