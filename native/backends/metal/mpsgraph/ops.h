#pragma once

#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <vector>

#include "backends/metal/hardware/limits.h"
#include "core/graph.h"

namespace mpsbench::metal {

/** How images lie in memory while MPSGraph convolves and pools them. */
enum class Layout { nhwc, nchw };

/**
 * Our tensors in the MPSGraph, which owns them: as in our graph, in NHWC, and as NCHW where an op
 * works on that. A tensor that is wanted in the form that it does not have is transposed, once.
 */
class Symbols {
 public:
  Symbols(MPSGraph* mps, std::size_t tensors)
      : mps_(mps), plain_(tensors, nil), nchw_(tensors, nil) {}

  void set(TensorIndex tensor, Layout layout, MPSGraphTensor* symbol) {
    (layout == Layout::nchw ? nchw_ : plain_)[tensor] = symbol;
  }
  MPSGraphTensor* get(TensorIndex tensor, Layout layout);
  /** Whether the tensor came about as NCHW. */
  [[nodiscard]] bool isNchw(TensorIndex tensor) const { return nchw_[tensor] != nil; }

 private:
  MPSGraph* mps_;
  std::vector<MPSGraphTensor*> plain_;
  std::vector<MPSGraphTensor*> nchw_;
};

/** A shape as it is in NCHW. */
Shape nchwShape(const Shape& nhwc);

/** A result, which the MPSGraph owns, and how it lies. */
struct LoweredOp {
  MPSGraphTensor* symbol = nil;
  Layout layout = Layout::nhwc;
};

/**
 * Adds one op to the MPSGraph.
 * @param layout of convolutions; what follows one stays in its layout as far as it can
 */
LoweredOp lowerOp(MPSGraph* mps, const Graph& graph, const Op& op, Symbols& symbols, Layout layout,
                  const Limits& limits);

}  // namespace mpsbench::metal
