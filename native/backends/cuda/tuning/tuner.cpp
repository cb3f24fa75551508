#include "backends/cuda/tuning/tuner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "backends/cuda/driver/captured_graph.h"
#include "core/ceil_divide.h"
#include "core/error.h"
#include "core/tuning.h"

namespace mpsbench::cuda {

namespace {

/** One candidate under measurement, as a graph of several runs. */
struct GraphContestant : Contestant<Candidate> {
  std::unique_ptr<TimedGraph> graph;
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
GraphContestant prepare(Context& context, Candidate candidate, bool alone) {
  const CUstream stream = context.stream();
  if (candidate.prepare) candidate.prepare(stream);
  candidate.enqueue(stream);
  context.synchronize();
  GraphContestant made;
  made.runs = tuningRuns(time(context, *capture(context, candidate, 1, alone)));
  made.graph = capture(context, candidate, made.runs, alone);
  made.candidate = std::move(candidate);
  return made;
}

}  // namespace

Choice choose(Context& context, std::vector<Candidate> candidates, bool alone) {
  if (candidates.size() == 1 && !candidates.front().enqueue) {
    std::string name = candidates.front().name;
    return {std::move(candidates.front()), std::move(name)};
  }
  std::vector<GraphContestant> contestants;
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
  if (contestants.size() > 1) {
    rank(contestants, [&](const auto& contestant) { return time(context, *contestant.graph); });
  }
  std::string text =
      rankingLabel(contestants) +
      failureLabel(candidates.size() - contestants.size(), refused ? refused->what() : "");
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
