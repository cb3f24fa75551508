#include <optional>
#include <vector>

#include "backends/metal/calls/conv_pool_dense.h"
#include "backends/metal/matchers.h"
#include "core/patterns/conv_pool_dense.h"

// Candidates of kernels/conv_pool_dense.metal.
namespace mpsbench::metal {

namespace {

Candidate candidateOf(Lowering& lowering, const ConvPoolDense& net, const KernelCall& call,
                      const PhasedBuffer& packed) {
  Tensors& tensors = lowering.tensors();
  Candidate candidate = launches(call.label, {lowering.launch(call)
                                                  .buffer(tensors.read(net.x))
                                                  .buffer(tensors.read(net.filters))
                                                  .buffer(tensors.read(net.convBias))
                                                  .buffer(packed)
                                                  .buffer(tensors.read(net.denseBias))
                                                  .buffer(tensors.written(net.y))});
  Launch pack = lowering.launch(packCall(net, call));
  pack.buffer(tensors.read(net.dense)).buffer(packed);
  candidate.weights = {net.dense};
  candidate.prepare = [pack](id<MTLComputeCommandEncoder> encoder) { pack.encode(encoder, 0); };
  candidate.ownBytes = packedBytes(net);
  return candidate;
}

std::vector<Candidate> build(Lowering& lowering, const ConvPoolDense& net, const Facts& facts) {
  // One copy for all candidates: its order does not depend on the plan.
  const PhasedBuffer packed = lowering.tensors().scratch(packedBytes(net));
  std::vector<Candidate> candidates;
  for (const KernelCall& call : networkCalls(net, facts.groupMemoryBytes)) {
    candidates.push_back(candidateOf(lowering, net, call, packed));
  }
  return candidates;
}

}  // namespace

std::optional<Match> matchConvPoolDense(const GraphView& view, OpIndex index, const Facts& facts) {
  const auto net = findConvPoolDense(view, index);
  if (!facts.hasSimdgroups || !net || networkCalls(*net, facts.groupMemoryBytes).empty()) {
    return std::nullopt;
  }
  return Match{net->ops, [net = *net, facts](Lowering& lowering) {
                 return build(lowering, net, facts);
               }};
}

}  // namespace mpsbench::metal
