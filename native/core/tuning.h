#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

/** How every backend picks the fastest of a step's candidates by measuring them on the device. */
namespace mpsbench {

/** A measurement lasts about this long, or so many runs: far longer than what clocks resolve. */
inline constexpr double kTuningGroupNs = 500e3;
inline constexpr std::int32_t kMostTuningRuns = 64;

/** How often a candidate runs in one measurement, by what one run took. */
inline std::int32_t tuningRuns(double onceNs) {
  return static_cast<std::int32_t>(
      std::clamp(kTuningGroupNs / std::max(onceNs, 1.0), 1.0, double{kMostTuningRuns}));
}

/** A candidate under measurement, and the best time of one run. */
template <class Candidate>
struct Contestant {
  Candidate candidate;
  std::int32_t runs = 1;
  double bestNs = std::numeric_limits<double>::infinity();
};

/**
 * Measures the contestants in turns, so that a drift of the clocks hits all alike; the fastest
 * comes first. One that is far slower than the best of an earlier round is not measured again.
 * @param time the nanoseconds that a contestant's `runs` take
 */
template <class Contestants, class Time>
void rank(Contestants& contestants, const Time& time) {
  constexpr int kRounds = 5;
  constexpr double kHopeless = 1.25;
  // By a single run, where one is known from before.
  constexpr double kFarOff = 4;
  for (int round = 0; round < kRounds; ++round) {
    double best = std::numeric_limits<double>::infinity();
    for (const auto& contestant : contestants) best = std::min(best, contestant.bestNs);
    for (auto& contestant : contestants) {
      if (contestant.bestNs > (round > 0 ? kHopeless : kFarOff) * best) continue;
      contestant.bestNs = std::min(contestant.bestNs, time(contestant) / contestant.runs);
    }
  }
  std::stable_sort(contestants.begin(), contestants.end(),
                   [](const auto& a, const auto& b) { return a.bestNs < b.bestNs; });
}

/** For the placement table: the winner of `rank`, and the next best that it beat. */
template <class Contestants>
std::string rankingLabel(const Contestants& ranked) {
  const auto& best = ranked.front();
  if (ranked.size() == 1) return best.candidate.name;
  const auto& next = ranked[1];
  char text[64];
  std::snprintf(text, sizeof text, ", %.2fx as fast as ", next.bestNs / best.bestNs);
  return best.candidate.name + text + next.candidate.name + " (" + std::to_string(ranked.size()) +
         " tried)";
}

/** What a ranking's label says of candidates that failed; nothing if there are none. */
inline std::string failureLabel(std::size_t failed, const std::string& why) {
  return failed == 0 ? "" : ", " + std::to_string(failed) + " failed: " + why;
}

}  // namespace mpsbench
