#pragma once

#include <span>

#include "backends/cuda/lowering.h"

/** Every way to turn ops into a step; the list stands in matchers.cpp. */
namespace mpsbench::cuda {

std::span<const Matcher> matchers();

// Libraries.
std::optional<Match> matchCublasLt(Lowering& lowering, OpIndex op);
std::optional<Match> matchCudnnConvolution(Lowering& lowering, OpIndex op);
std::optional<Match> matchLargeLinearStep(Lowering& lowering, OpIndex op);

// No kernel at all.
std::optional<Match> matchReshape(Lowering& lowering, OpIndex op);

// Kernels of our own.

}  // namespace mpsbench::cuda
