#include "backends/metal/lowering.h"

#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/hardware/iokit.h"
#include "backends/metal/matchers.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

/** A dispatch costs the CPU little: so many hide what a command buffer costs. */
constexpr std::int64_t kMostLaunchesInBatch = 256;

/** What one candidate cannot do, another may, an exception of Apple's frameworks included. */
bool isRefusal(const Error& error) {
  return error.code() != ErrorCode::deviceLost;
}

bool isMpsGraph(const Matcher& matcher) {
  return matcher.match == matchMpsGraph || matcher.match == matchMpsGraphInNchw;
}

bool coversAll(const Match& match, const Graph& graph) {
  return match.ops.size() == graph.ops.size();
}

}  // namespace

Facts factsOf(id<MTLDevice> device) {
  Facts facts;
  facts.limits = limitsOf(device);
  facts.groupMemoryBytes = [device maxThreadgroupMemoryLength];
  facts.cores = Accelerator([device registryID]).cores().value_or(facts.cores);
  facts.hasSimdgroups = [device supportsFamily:MTLGPUFamilyApple7];
  return facts;
}

Lowerings Lowering::lowerAll(const Facts& facts, KernelLevel level) {
  const GraphView view(graph());
  Lowerings found;
  std::optional<Error> refused;
  for (const Matcher& matcher : matchers()) {
    if (level == KernelLevel::library && !isMpsGraph(matcher)) continue;
    const auto match = matcher.match(view, 0, facts);
    if (!match || !coversAll(*match, graph())) continue;
    try {
      guarded("compiling the graph", [&] {
        for (Candidate& candidate : match->build(*this)) {
          found.candidates.push_back(std::move(candidate));
        }
      });
    } catch (const Error& error) {
      if (!isRefusal(error)) throw;
      refused = error;
    }
  }
  if (refused) found.refused = refused->what();
  if (!found.candidates.empty()) return found;
  throw refused ? *refused : Error(ErrorCode::internal, "There is no way to run the graph.");
}

Candidate launches(std::string name, std::vector<Launch> all) {
  Candidate candidate;
  candidate.name = std::move(name);
  candidate.mostTimes = kMostLaunchesInBatch;
  candidate.mostInBatch = kMostLaunchesInBatch;
  candidate.launches = all;
  candidate.encode = [all = std::move(all)](MPSCommandBuffer* buffer, std::size_t phase,
                                            std::int64_t times) {
    id<MTLComputeCommandEncoder> encoder = [buffer computeCommandEncoder];
    for (std::int64_t i = 0; i < times; ++i, phase = 1 - phase) {
      for (const Launch& launch : all) launch.encode(encoder, phase);
    }
    [encoder endEncoding];
    return phase;
  };
  return candidate;
}

void requireWay(const Graph& graph, const Facts& facts, KernelLevel level) {
  const GraphView view(graph);
  for (const Matcher& matcher : matchers()) {
    if (isMpsGraph(matcher) || level == KernelLevel::library) continue;
    const auto match = matcher.match(view, 0, facts);
    if (match && coversAll(*match, graph)) return;
  }
  requireComputable(graph, facts.limits);
}

bool fusesGraph(const Graph& graph, const Facts& facts) {
  const GraphView view(graph);
  for (const Matcher& matcher : matchers()) {
    if (matcher.kind != MatcherKind::pattern) continue;
    const auto match = matcher.match(view, 0, facts);
    if (match && coversAll(*match, graph)) return true;
  }
  return false;
}

}  // namespace mpsbench::metal
