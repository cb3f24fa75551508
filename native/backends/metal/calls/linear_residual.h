#pragma once

#include <cstddef>

#include "backends/metal/calls/matmul.h"
#include "backends/metal/driver/kernel_call.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

/** A larger training step: two products of matmul.metal, and linear_residual.metal between them. */
struct LargeStepCalls {
  /** predictions = x W + b. */
  ProductSpec forward;
  /** W -= rate x^T residual. */
  ProductSpec update;
  /** Buffers: predictions, targets, residual, squares, column sums. */
  KernelCall residual;
  /** Buffers: bias, bias afterwards, column sums, squares, loss. */
  KernelCall finish;
  std::size_t residualBytes = 0;
  std::size_t squareBytes = 0;
  std::size_t columnSumBytes = 0;
};

LargeStepCalls largeStepCalls(const LinearStep& step);

}  // namespace mpsbench::metal
