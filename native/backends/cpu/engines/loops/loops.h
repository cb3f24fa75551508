#pragma once

#include "backends/cpu/lowering.h"

/**
 * The ops that are loops over memory, by our own vector kernels, for f32, bf16 and f64. They serve
 * every library engine. Each returns false where the op or dtype is not its own.
 */
namespace mpsbench::cpu {

bool lowerAlias(Lowering& lowering, OpIndex op);
/** add (past the cache by streaming stores where they are faster), sub, mul, relu, sgd_update. */
bool lowerElementwise(Lowering& lowering, OpIndex op);
/** bias_add, with a relu that follows it. */
bool lowerBias(Lowering& lowering, OpIndex op);
/** mse_loss and mse_grad, in one pass where both are there, with the reduce_sum of the gradient. */
bool lowerMse(Lowering& lowering, OpIndex op);
bool lowerReduceSum(Lowering& lowering, OpIndex op);
bool lowerSoftmax(Lowering& lowering, OpIndex op);
bool lowerMaxPool(Lowering& lowering, OpIndex op);

/** Whether these loops run this kind of op at this dtype. */
bool loopsSupport(OpKind kind, DType dtype);

}  // namespace mpsbench::cpu
