#include "backends/metal/mpsgraph/lowering.h"

#include <algorithm>

#include "backends/metal/driver/tensors.h"
#include "backends/metal/driver/text.h"
#include "backends/metal/ops/dtypes.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

void checkShape(const Graph& graph, const Op& op, const LoweredOp& lowered) {
  MPSShape* inferred = [lowered.symbol shape];
  const Shape& shape = graph.output(op).shape;
  const Shape expected = lowered.layout == Layout::nchw ? nchwShape(shape) : shape;
  // Without a shape MPSGraph infers it when it compiles.
  if (inferred == nil || [inferred isEqual:mpsShape(expected)]) return;
  throw Error(ErrorCode::internal,
              "MPSGraph gives the op '" + op.id + "' the shape " + text([inferred description]) +
                  ", not " + toString(expected) + ".",
              "Please report it with the version of macOS.");
}

/** Whether an op of the part writes, or reads, each tensor. */
struct Touched {
  std::vector<bool> written;
  std::vector<bool> read;

  Touched(const Graph& graph, const OpRange& part)
      : written(graph.tensors.size()), read(graph.tensors.size()) {
    for (OpIndex i = part.first; i < part.last; ++i) {
      written[graph.ops[i].output] = true;
      for (const TensorIndex input : graph.ops[i].inputs) read[input] = true;
    }
  }
};

}  // namespace

MPSShape* mpsShape(const Shape& shape) {
  NSMutableArray* sizes = [NSMutableArray arrayWithCapacity:shape.size()];
  for (const std::int64_t size : shape) [sizes addObject:[NSNumber numberWithLongLong:size]];
  return sizes;
}

std::vector<TensorIndex> crossing(const Graph& graph, const std::vector<OpRange>& parts) {
  std::vector<bool> crosses(graph.tensors.size(), false);
  for (const OpRange& part : parts) {
    const Touched touched(graph, part);
    for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
      if (graph.tensors[i].role != Role::temp) continue;
      if (touched.read[i] && !touched.written[i]) crosses[i] = true;
    }
  }
  std::vector<TensorIndex> all;
  for (TensorIndex i = 0; i < crosses.size(); ++i) {
    if (crosses[i]) all.push_back(i);
  }
  return all;
}

Lowered lower(const Graph& graph, const OpRange& part, Layout layout, const Limits& limits) {
  Lowered lowered;
  lowered.graph = Owned<MPSGraph*>::adopt([MPSGraph new]);
  MPSGraph* mps = lowered.graph.get();
  // Results stay on the GPU; `read` brings over what the host asks for.
  [mps setOptions:MPSGraphOptionsNone];

  const Touched touched(graph, part);
  const Touched later(graph, {part.last, graph.ops.size()});
  const std::vector<bool> left = tensorsLeft(graph);
  Symbols symbols(mps, graph.tensors.size());
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    const bool isMade = tensor.role == Role::temp && touched.written[i];
    if (isMade || !touched.read[i]) continue;
    MPSGraphTensor* fed = [mps placeholderWithShape:mpsShape(tensor.shape)
                                           dataType:mpsDataType(tensor.dtype)
                                               name:nsString(tensor.id)];
    symbols.set(i, Layout::nhwc, fed);
    lowered.feeds.push_back({i, fed});
  }
  for (OpIndex i = part.first; i < part.last; ++i) {
    const Op& op = graph.ops[i];
    const LoweredOp result = lowerOp(mps, graph, op, symbols, layout, limits);
    checkShape(graph, op, result);
    if (graph.output(op).role == Role::state) {
      // Other ops of the iteration read the state as it was: its symbol stays the placeholder.
      lowered.targets.push_back({op.output, result.symbol});
      continue;
    }
    symbols.set(op.output, result.layout, result.symbol);
    if (left[op.output] || later.read[op.output]) {
      lowered.targets.push_back({op.output, symbols.get(op.output, Layout::nhwc)});
    }
  }
  return lowered;
}

}  // namespace mpsbench::metal
