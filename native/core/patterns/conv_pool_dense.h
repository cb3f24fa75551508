#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/graph_view.h"

namespace mpsbench {

/**
 * A whole small network: conv2d, bias_add, relu, max_pool2d, a flattening reshape, matmul,
 * bias_add, and softmax if it follows, with weights that only the host changes.
 */
struct ConvPoolDense {
  std::vector<OpIndex> ops;
  DType dtype = DType::f32;
  std::int64_t batch = 0;
  std::int64_t height = 0, width = 0, channels = 0;
  std::int64_t kernelY = 0, kernelX = 0, filterCount = 0;
  std::int64_t strideY = 0, strideX = 0;
  WindowAxis convY = {}, convX = {};
  std::int64_t windowY = 0, windowX = 0, poolStrideY = 0, poolStrideX = 0;
  std::int64_t pooledY = 0, pooledX = 0;
  std::int64_t units = 0;
  bool transposedDense = false;
  bool softmax = false;
  TensorIndex x = 0, filters = 0, convBias = 0, dense = 0, denseBias = 0, y = 0;

  static constexpr std::int64_t kMostUnits = 32;

  [[nodiscard]] std::int64_t pixels() const { return pooledY * pooledX; }
  [[nodiscard]] std::int64_t patchRows() const { return (windowY - 1) * strideY + kernelY; }
  [[nodiscard]] std::int64_t patchColumns() const { return (windowX - 1) * strideX + kernelX; }
  [[nodiscard]] std::int64_t patch() const { return patchRows() * patchColumns() * channels; }
  /** The shapes by the macro names of every backend's kernels. */
  [[nodiscard]] std::vector<std::pair<const char*, std::int64_t>> macros() const;
};

/** The network that begins with this convolution, if the kernels support its sizes. */
std::optional<ConvPoolDense> findConvPoolDense(const GraphView& view, OpIndex conv);

}  // namespace mpsbench
