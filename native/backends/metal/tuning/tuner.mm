#include "backends/metal/tuning/tuner.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "backends/metal/calls/fill.h"
#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/driver/run.h"
#include "core/error.h"
#include "core/tuning.h"

namespace mpsbench::metal {

namespace {

/** One candidate under measurement. */
struct RunContestant : Contestant<Candidate> {
  std::size_t phase = 0;
  bool failed = false;
};

/** Nanoseconds of so many iterations, batched as a benchmark batches them. */
double time(Lowering& lowering, const Candidate& candidate, std::size_t& phase, std::int32_t runs,
            double iterationNs) {
  const Batching batching = planBatches(iterationNs, candidate.mostInBatch,
                                        candidate.temporaryBytes, lowering.tensors().freeBytes());
  return runIterations(lowering.queue(), candidate, phase, runs, batching, RunMode::throughput)
      .wallNs;
}

RunContestant contestant(Lowering& lowering, Candidate candidate) {
  RunContestant made;
  prepare(lowering.queue(), candidate);
  // The first run pays for what is set up once.
  time(lowering, candidate, made.phase, 1, candidate.expectedNs);
  const double once = time(lowering, candidate, made.phase, 1, candidate.expectedNs);
  made.runs = tuningRuns(once);
  made.bestNs = once;
  made.candidate = std::move(candidate);
  return made;
}

/** Values in [-1, 1) for every tensor that the host can write; zeros would be no test of a GPU's
 * speed. */
void fill(Lowering& lowering) {
  Tensors& tensors = lowering.tensors();
  Candidate filling;
  std::vector<Launch> all;
  std::uint32_t seed = 0;
  for (TensorIndex i = 0; i < lowering.graph().tensors.size(); ++i) {
    const Tensor& tensor = lowering.graph().tensors[i];
    if (tensor.role == Role::temp) continue;
    all.push_back(
        lowering.launch(fillCall(tensor.dtype, tensor.elements(), ++seed)).buffer(tensors.read(i)));
  }
  filling.prepare = [&](id<MTLComputeCommandEncoder> encoder) {
    for (const Launch& launch : all) {
      // Both buffers of an updated state.
      launch.encode(encoder, 0);
      launch.encode(encoder, 1);
    }
  };
  prepare(lowering.queue(), filling);
}

}  // namespace

Choice choose(Lowering& lowering, std::vector<Candidate> candidates) {
  if (candidates.size() == 1) {
    std::string name = candidates.front().name;
    return {std::move(candidates.front()), std::move(name)};
  }
  fill(lowering);
  std::vector<RunContestant> contestants;
  std::optional<Error> refused;
  for (Candidate& candidate : candidates) {
    try {
      guarded("measuring a candidate",
              [&] { contestants.push_back(contestant(lowering, std::move(candidate))); });
    } catch (const Error& error) {
      // macOS may have stopped this one alone; without the device the others fail as well, and the
      // first says why.
      if (!refused) refused = error;
    }
  }
  if (contestants.empty()) throw *refused;
  rank(contestants, [&](RunContestant& each) {
    try {
      return guarded("measuring a candidate", [&] {
        return time(lowering, each.candidate, each.phase, each.runs, each.bestNs);
      });
    } catch (const Error& error) {
      if (!refused) refused = error;
      each.failed = true;
      return std::numeric_limits<double>::infinity();
    }
  });
  std::erase_if(contestants, [](const RunContestant& each) { return each.failed; });
  if (contestants.empty()) throw *refused;
  std::string text =
      rankingLabel(contestants) +
      failureLabel(candidates.size() - contestants.size(), refused ? refused->what() : "");
  return {std::move(contestants.front().candidate), std::move(text)};
}

}  // namespace mpsbench::metal
