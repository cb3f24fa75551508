#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/backend.h"
#include "core/error.h"
#include "core/graph_view.h"

/**
 * How every backend turns a graph into steps. Matchers look at each op and what follows; a match
 * names the ops that can become one step and builds the candidates for it; the match with the most
 * ops wins. What a candidate is, and what it is built with (`Lowering`), is the backend's own.
 */
namespace mpsbench {

/** Ops that can become one step. */
template <class Candidate, class Lowering>
struct Match {
  /** The op asked about and the later ones that run with it, ascending. */
  std::vector<OpIndex> ops;
  /**
   * Builds the candidates; called only if no match with more ops produced any. Returns none, or
   * throws Error `unsupported`, if nothing fits after all.
   */
  std::function<std::vector<Candidate>(Lowering&)> build;
};

enum class MatcherKind {
  /** One op, or several that a library's own epilogue covers. */
  op,
  /** A fused kernel of our own; left out at KernelLevel::library. */
  pattern,
};

/**
 * Looks at an op and what follows; nothing if it does not apply. It allocates and compiles
 * nothing. `Facts`: what the backend chooses kernels by.
 */
template <class Candidate, class Lowering, class Facts>
struct Matcher {
  MatcherKind kind;
  std::optional<Match<Candidate, Lowering>> (*match)(const GraphView& view, OpIndex op,
                                                     const Facts& facts);
};

/** A step that will run: its ops and the ways to do it. */
template <class Candidate>
struct LoweredStep {
  std::vector<OpIndex> ops;
  /** At least one. */
  std::vector<Candidate> candidates;
  /** Why a library is not among the candidates; empty if it is, or never would be. */
  std::string missing;
};

/** A library that is missing or does not start; other candidates can replace it. */
class MissingLibrary : public Error {
 public:
  MissingLibrary(const std::string& message, const std::string& advice)
      : Error(ErrorCode::unsupported, message, advice) {}
};

/**
 * The step that starts with this op. Matches of the same ops contribute candidates together, in the
 * order of the matchers. @throws Error `unsupported` if nothing fits
 */
template <class Candidate, class Lowering, class Facts>
LoweredStep<Candidate> lowerOp(GraphView& view, OpIndex index, const Facts& facts,
                               std::span<const Matcher<Candidate, Lowering, Facts>> matchers,
                               KernelLevel level, Lowering& lowering) {
  using Matches = std::vector<Match<Candidate, Lowering>>;
  std::map<std::vector<OpIndex>, Matches> groups;
  for (const auto& matcher : matchers) {
    if (level == KernelLevel::library && matcher.kind == MatcherKind::pattern) continue;
    if (auto match = matcher.match(view, index, facts)) {
      groups[match->ops].push_back(std::move(*match));
    }
  }
  std::vector<std::pair<std::vector<OpIndex>, Matches>> widest(groups.begin(), groups.end());
  std::stable_sort(widest.begin(), widest.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  std::optional<Error> refused;
  for (const auto& [ops, matches] : widest) {
    LoweredStep<Candidate> step{ops, {}, ""};
    for (const auto& match : matches) {
      try {
        for (Candidate& candidate : match.build(lowering)) {
          step.candidates.push_back(std::move(candidate));
        }
      } catch (const MissingLibrary& error) {
        step.missing = error.what();
        refused = error;
      } catch (const Error& error) {
        // What one library or kernel cannot do, another may.
        if (error.code() != ErrorCode::unsupported) throw;
        refused = error;
      }
    }
    if (step.candidates.empty()) continue;
    view.take(ops);
    return step;
  }
  if (refused) throw *refused;
  const Op& op = view.op(index);
  throw Error(ErrorCode::internal, std::string("No kernel for the op '") + op.id + "' (" +
                                       name(op.spec.kind) + ", " + name(view.output(index).dtype) +
                                       ").");
}

/** Whether a fused kernel of our own matches at this op. */
template <class Candidate, class Lowering, class Facts>
bool matchesPattern(const GraphView& view, OpIndex index, const Facts& facts,
                    std::span<const Matcher<Candidate, Lowering, Facts>> matchers) {
  return std::any_of(matchers.begin(), matchers.end(), [&](const auto& matcher) {
    return matcher.kind == MatcherKind::pattern && matcher.match(view, index, facts).has_value();
  });
}

/** The ids of the ops, for a Step. */
inline std::vector<std::string> idsOf(const Graph& graph, const std::vector<OpIndex>& ops) {
  std::vector<std::string> ids;
  ids.reserve(ops.size());
  for (const OpIndex index : ops) ids.push_back(graph.ops[index].id);
  return ids;
}

}  // namespace mpsbench
