#pragma once

#include <string>
#include <utility>
#include <vector>

#include "backends/cpu/engines/onednn/primitive.h"

namespace mpsbench::cpu::onednn {

/** matmul, with a bias_add and a relu that follow, or with the sgd_update that takes its result. */
bool lowerMatmul(Lowering& lowering, OpIndex op);
/** conv2d on NHWC, with a bias_add and a relu that follow. */
bool lowerConvolution(Lowering& lowering, OpIndex op);

/** One step of the primitives in a row; a label says where a layout is changed in every iteration.
 */
inline void emitSteps(Lowering& lowering, const std::vector<OpIndex>& ops, std::string kernel,
                      std::vector<BoundPrimitive> steps) {
  if (steps.size() > 1) kernel += " after reorder";
  lowering.emit(ops, std::move(kernel), [steps = std::move(steps)] {
    for (const BoundPrimitive& step : steps) step();
  });
}

}  // namespace mpsbench::cpu::onednn
