#pragma once

#include "backends/metal/calls/matmul.h"
#include "backends/metal/lowering.h"

namespace mpsbench::metal {

/** A product with its operands. */
struct Product {
  ProductSpec spec;
  PhasedBuffer a;
  PhasedBuffer b;
  PhasedBuffer y;
  /** For `bias` a value of each column, for `update` a matrix like y. */
  PhasedBuffer bias = {};
};

/** @throws Error `unsupported` */
Launch productLaunch(Lowering& lowering, const Product& product, int tile);

}  // namespace mpsbench::metal
