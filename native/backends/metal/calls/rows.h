#pragma once

#include <cstddef>

#include "backends/metal/driver/kernel_call.h"

/** Ops on the rows and columns of a matrix: softmax.metal, bias_add.metal and reduce.metal. Sizes
 * are below 2^31. */
namespace mpsbench::metal {

struct MatrixSize {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/** Buffers: x, y. */
KernelCall softmaxCall(DType dtype, const MatrixSize& size);

/** Buffers: x, bias, y. */
KernelCall biasAddCall(DType dtype, const MatrixSize& size);

/** A sum in two launches, and the partial sums between them. */
struct SumCalls {
  /** Buffers: what is added up, partial sums. */
  KernelCall partial;
  /** Buffers: partial sums, result. */
  KernelCall finish;
  std::size_t partialBytes = 0;
};

/** The sums of the columns. */
SumCalls columnSumCalls(DType dtype, const MatrixSize& size);

/** The mean of (a - b)^2 over `count` values; the first launch takes both a and b. */
SumCalls meanSquareCalls(DType dtype, std::int64_t count);

}  // namespace mpsbench::metal
