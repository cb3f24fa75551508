#pragma once

#include "backends/cpu/lowering.h"

/**
 * The ops that are loops over memory, by our own vector kernels, for f32, bf16 and f64. Every
 * library engine uses them. None matches another op or dtype.
 */
namespace mpsbench::cpu {

std::optional<Match> matchReshape(const GraphView& view, OpIndex op, const Facts& facts);
/** add (past the cache by streaming stores where they are faster), sub, mul, relu, sgd_update. */
std::optional<Match> matchElementwise(const GraphView& view, OpIndex op, const Facts& facts);
std::optional<Match> matchBiasAdd(const GraphView& view, OpIndex op, const Facts& facts);
std::optional<Match> matchMseLoss(const GraphView& view, OpIndex op, const Facts& facts);
std::optional<Match> matchMseGrad(const GraphView& view, OpIndex op, const Facts& facts);
std::optional<Match> matchReduceSum(const GraphView& view, OpIndex op, const Facts& facts);
std::optional<Match> matchSoftmax(const GraphView& view, OpIndex op, const Facts& facts);
std::optional<Match> matchMaxPool(const GraphView& view, OpIndex op, const Facts& facts);

/** Whether these kernels run this kind of op at this dtype. */
bool hasOwnKernel(OpKind kind, DType dtype);

}  // namespace mpsbench::cpu
