#include "backends/metal/mpsgraph/parts.h"

#include <algorithm>

namespace mpsbench::metal {

namespace {

/** Of an M1, which has 2.6 TFLOP/s and 68 GB/s: what is reached at least, so that a part is rather
 * too short. */
constexpr double kM1Cores = 8;
constexpr double kM1FlopsPerNs = 1000;
constexpr double kM1BytesPerNs = 45;

double flopsOf(const Graph& graph, const Op& op) {
  const auto results = static_cast<double>(graph.output(op).elements());
  const Shape& weights = graph.input(op, op.inputs.size() - 1).shape;
  switch (op.spec.kind) {
    case OpKind::matmul:
      return 2 * results *
             static_cast<double>(graph.input(op, 0).shape[op.spec.transposeA ? 0 : 1]);
    case OpKind::conv2d:
      // HWIO.
      return 2 * results * static_cast<double>(weights[0] * weights[1] * weights[2]);
    default:
      return results;
  }
}

double bytesOf(const Graph& graph, const Op& op) {
  auto bytes = static_cast<double>(graph.output(op).bytes());
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    bytes += static_cast<double>(graph.input(op, i).bytes());
  }
  return bytes;
}

}  // namespace

double estimatedNs(const Graph& graph, const Op& op, int cores) {
  const double speed = std::max(1, cores) / kM1Cores;
  return std::max(flopsOf(graph, op) / kM1FlopsPerNs, bytesOf(graph, op) / kM1BytesPerNs) / speed;
}

std::vector<OpRange> partsOf(const Graph& graph, int cores, double longNs) {
  double total = 0;
  for (const Op& op : graph.ops) total += estimatedNs(graph, op, cores);
  if (total <= longNs) return {{0, graph.ops.size()}};
  std::vector<OpRange> parts;
  double inPart = 0;
  for (OpIndex i = 0; i < graph.ops.size(); ++i) {
    const double needed = estimatedNs(graph, graph.ops[i], cores);
    if (parts.empty() || inPart + needed > longNs / 2) {
      parts.push_back({i, i});
      inPart = 0;
    }
    parts.back().last = i + 1;
    inPart += needed;
  }
  return parts;
}

}  // namespace mpsbench::metal
