#pragma once

#include <cstddef>
#include <optional>

#include "backends/metal/driver/kernel_call.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

/** A training step of linear_small.metal, in two dispatches. */
struct SmallStepCalls {
  /**
   * Buffers: x, targets, weights, bias, predictions (any buffer where nobody sees them), residuals,
   * squares, column sums.
   */
  KernelCall forward;
  /** Buffers: x, residuals, squares, column sums, weights, bias, weights and bias afterwards, loss.
   */
  KernelCall backward;
  std::size_t residualBytes = 0;
  std::size_t squareBytes = 0;
  std::size_t columnSumBytes = 0;
};

/** Nothing where the products of matmul.metal are faster. */
std::optional<SmallStepCalls> smallStepCalls(const LinearStep& step);

}  // namespace mpsbench::metal
