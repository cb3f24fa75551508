#include <optional>
#include <utility>
#include <vector>

#include "backends/metal/calls/conv_pool_dense.h"
#include "backends/metal/matchers.h"
#include "core/patterns/conv_pool_dense.h"

// Candidates of kernels/conv_pool_dense.metal and kernels/conv_pool_slices.metal.
namespace mpsbench::metal {

namespace {

Candidate candidateOf(Lowering& lowering, const ConvPoolDense& net, const NetworkCalls& calls,
                      const PhasedBuffer& packed) {
  Tensors& tensors = lowering.tensors();
  Launch network = lowering.launch(calls.network);
  network.buffer(tensors.read(net.x))
      .buffer(tensors.read(net.filters))
      .buffer(tensors.read(net.convBias))
      .buffer(packed);
  std::vector<Launch> all;
  if (calls.finish) {
    const PhasedBuffer slices = tensors.scratch(calls.sliceBytes);
    all = {network.buffer(slices), lowering.launch(*calls.finish)
                                       .buffer(slices)
                                       .buffer(tensors.read(net.denseBias))
                                       .buffer(tensors.written(net.y))};
  } else {
    all = {network.buffer(tensors.read(net.denseBias)).buffer(tensors.written(net.y))};
  }
  Candidate candidate = launches(calls.network.label, std::move(all));
  Launch pack = lowering.launch(packCall(net));
  pack.buffer(tensors.read(net.dense)).buffer(packed);
  candidate.weights = {net.dense};
  candidate.prepare = [pack](id<MTLComputeCommandEncoder> encoder) { pack.encode(encoder, 0); };
  candidate.ownBytes = packedBytes(net) + calls.sliceBytes;
  return candidate;
}

std::vector<Candidate> build(Lowering& lowering, const ConvPoolDense& net, const Facts& facts) {
  // One copy for all candidates: its order does not depend on the plan.
  const PhasedBuffer packed = lowering.tensors().scratch(packedBytes(net));
  std::vector<Candidate> candidates;
  for (const NetworkCalls& calls : networkCalls(net, facts.groupMemoryBytes)) {
    candidates.push_back(candidateOf(lowering, net, calls, packed));
  }
  return candidates;
}

}  // namespace

std::optional<Match> matchConvPoolDense(const GraphView& view, OpIndex index, const Facts& facts) {
  const auto net = findConvPoolDense(view, index);
  if (!facts.hasSimdgroups || !net || networkCalls(*net, facts.groupMemoryBytes).empty()) {
    return std::nullopt;
  }
  return Match{net->ops,
               [net = *net, facts](Lowering& lowering) { return build(lowering, net, facts); }};
}

}  // namespace mpsbench::metal
