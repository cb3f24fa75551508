#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/graph_view.h"

namespace mpsbench {

/**
 * One training step of y = xW + b with mean squared error: matmul, bias_add, mse_loss, mse_grad,
 * the two gradients, the two updates.
 */
struct LinearStep {
  std::vector<OpIndex> ops;
  DType dtype = DType::f32;
  std::int64_t rows = 0;
  std::int64_t features = 0;
  std::int64_t units = 0;
  TensorIndex x = 0;
  TensorIndex targets = 0;
  TensorIndex weights = 0;
  TensorIndex bias = 0;
  TensorIndex predictions = 0;
  TensorIndex loss = 0;
  double weightRate = 0;
  double biasRate = 0;
  /** Whether anyone but the step reads the predictions, so that they must be written. */
  bool predictionsSeen = true;
};

/** The step whose forward product is this op, if nothing else reads its gradients. */
std::optional<LinearStep> findLinearStep(const GraphView& view, OpIndex forward);

}  // namespace mpsbench
