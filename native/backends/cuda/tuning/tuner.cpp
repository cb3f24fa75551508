#include "backends/cuda/tuning/tuner.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "backends/cuda/driver/captured_graph.h"
#include "core/ceil_divide.h"
#include "core/error.h"

namespace mpsbench::cuda {

namespace {

/** A measurement lasts about this long, or so many runs: far longer than what events resolve. */
constexpr double kGroupNs = 500e3;
constexpr std::int32_t kMostRepeats = 64;
constexpr int kRounds = 5;
/** A candidate this many times slower than the best of the first round is not measured again. */
constexpr double kHopeless = 1.25;

/** One candidate under measurement: a graph of several runs, and the best time of one run. */
struct Contestant {
  Candidate candidate;
  std::unique_ptr<TimedGraph> graph;
  std::int32_t repeats = 1;
  double bestNs = std::numeric_limits<double>::infinity();
};

bool endsTheProcess(const Error& error) {
  return error.code() == ErrorCode::deviceLost || error.code() == ErrorCode::outOfMemory;
}

/** Nanoseconds of one launch. */
double time(Context& context, const TimedGraph& graph) {
  graph.launch(context.stream());
  context.synchronize();
  return graph.ns();
}

std::unique_ptr<TimedGraph> capture(Context& context, const Candidate& candidate,
                                    std::int32_t repeats, bool alone) {
  return std::make_unique<TimedGraph>(context.driver(), context.stream(), [&](CUstream stream) {
    if (alone && candidate.enqueueTimes) return candidate.enqueueTimes(stream, repeats);
    for (std::int32_t i = 0; i < repeats; ++i) candidate.enqueue(stream);
  });
}

/** Runs the candidate and captures it. @throws Error where the device refuses it */
Contestant prepare(Context& context, Candidate candidate, bool alone) {
  const CUstream stream = context.stream();
  if (candidate.prepare) candidate.prepare(stream);
  candidate.enqueue(stream);
  context.synchronize();
  const double once = time(context, *capture(context, candidate, 1, alone));
  Contestant made;
  made.repeats =
      std::clamp(static_cast<std::int32_t>(kGroupNs / std::max(once, 1.0)), 1, kMostRepeats);
  made.graph = capture(context, candidate, made.repeats, alone);
  made.candidate = std::move(candidate);
  return made;
}

std::string label(const std::vector<Contestant>& ranked) {
  const Contestant& best = ranked.front();
  if (ranked.size() == 1) return best.candidate.name;
  const Contestant& next = ranked[1];
  char text[64];
  std::snprintf(text, sizeof text, ", %.2fx as fast as ", next.bestNs / best.bestNs);
  return best.candidate.name + text + next.candidate.name + " (" + std::to_string(ranked.size()) +
         " tried)";
}

/** Takes turns, so that a drift of the clocks hits all alike; the fastest comes first. */
void rank(Context& context, std::vector<Contestant>& contestants) {
  for (int round = 0; round < kRounds; ++round) {
    double best = std::numeric_limits<double>::infinity();
    for (const Contestant& contestant : contestants) best = std::min(best, contestant.bestNs);
    for (Contestant& contestant : contestants) {
      if (round > 0 && contestant.bestNs > kHopeless * best) continue;
      const double ns = time(context, *contestant.graph);
      contestant.bestNs = std::min(contestant.bestNs, ns / contestant.repeats);
    }
  }
  std::stable_sort(contestants.begin(), contestants.end(),
                   [](const auto& a, const auto& b) { return a.bestNs < b.bestNs; });
}

}  // namespace

Choice choose(Context& context, std::vector<Candidate> candidates, bool alone) {
  if (candidates.size() == 1 && !candidates.front().enqueue) {
    std::string name = candidates.front().name;
    return {std::move(candidates.front()), std::move(name)};
  }
  std::vector<Contestant> contestants;
  std::optional<Error> refused;
  for (Candidate& candidate : candidates) {
    try {
      contestants.push_back(prepare(context, std::move(candidate), alone));
    } catch (const Error& error) {
      if (endsTheProcess(error)) throw;
      refused = error;
    }
  }
  if (contestants.empty()) {
    throw refused ? *refused : Error(ErrorCode::internal, "A step has no candidates.");
  }
  if (contestants.size() > 1) rank(context, contestants);
  std::string text = label(contestants);
  if (refused) {
    text += ", " + std::to_string(candidates.size() - contestants.size()) +
            " failed: " + refused->what();
  }
  return {std::move(contestants.front().candidate), std::move(text)};
}

void fill(Context& context, CUdeviceptr address, DType dtype, std::size_t elements,
          std::uint32_t seed) {
  constexpr unsigned kThreads = 256;
  constexpr std::size_t kMostBlocks = 4096;
  const Kernel kernel =
      context.programs().kernel("fill.cu", {std::string("-DTYPE=") + cudaType(dtype)}, "fill");
  LaunchShape shape;
  shape.grid.x = static_cast<unsigned>(std::min(ceilDivide(elements, kThreads), kMostBlocks));
  shape.block.x = kThreads;
  Launch(kernel, shape, address, static_cast<std::int64_t>(elements), seed)(context.stream());
}

}  // namespace mpsbench::cuda
