#include <memory>
#include <utility>

#include "backends/metal/matchers.h"
#include "backends/metal/mpsgraph/lowering.h"
#include "backends/metal/mpsgraph/program.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

/** @throws Error `unsupported`, `out_of_memory` */
void requirePossible(const Tensors& tensors, const Limits& limits, std::uint64_t temporaries) {
  if (const auto reason = refusal(tensors.graph(), limits)) {
    throw Error(ErrorCode::unsupported, "MPSGraph cannot run this: " + *reason + ".",
                "Choose smaller sizes.");
  }
  tensors.require(temporaries);
}

std::vector<Candidate> build(Lowering& lowering, const Limits& limits) {
  const Tensors& tensors = lowering.tensors();
  Candidate candidate;
  candidate.name = "MPSGraph";
  candidate.temporaryBytes = temporaryBytes(tensors.graph(), limits);
  requirePossible(tensors, limits, candidate.temporaryBytes);
  candidate.encode = [program = std::make_shared<Program>(lower(tensors.graph(), limits), tensors,
                                                          lowering.device())](
                         MPSCommandBuffer* buffer, std::size_t phase, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i, phase = 1 - phase) program->encode(buffer, phase);
    return phase;
  };
  return {candidate};
}

}  // namespace

std::optional<Match> matchMpsGraph(const GraphView& view, OpIndex /*op*/, const Facts& facts) {
  std::vector<OpIndex> all(view.graph().ops.size());
  for (OpIndex i = 0; i < all.size(); ++i) all[i] = i;
  return Match{std::move(all), [limits = facts.limits](Lowering& lowering) {
                 return build(lowering, limits);
               }};
}

}  // namespace mpsbench::metal
