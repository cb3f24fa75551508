#pragma once

#include <cstddef>

#include "backends/metal/driver/kernel_call.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::metal {

/** Whether one threadgroup does the step faster than several dispatches. */
bool isTiny(const LinearStep& step);

/** The constant argument of `tinyStepCall` that says how many steps a dispatch does: a
 * std::uint32_t. */
inline constexpr std::size_t kTinySteps = 9;

/**
 * Whole steps of linear_tiny.metal. Buffers: x, targets, weights, bias, weights and bias
 * afterwards, predictions (any buffer where nobody sees them), loss.
 */
KernelCall tinyStepCall(const LinearStep& step, std::uint32_t steps);

}  // namespace mpsbench::metal
