#pragma once

#include <string>

/**
 * The rules that the double enforces. Breaking one ends the process: a test that runs into it
 * fails.
 */
namespace metal_double {

enum class Rule {
  commitOnce,
  encodeBeforeCommit,
  oneEncoder,
  encoderEnded,
  waitAfterCommit,
  resultsAfterCompletion,
  queueDepth,
  sameDevice,
  bufferLength,
  bufferBounds,
  storageMode,
  gpuBusy,
  blitRange,
  blitAlignment,
  blitSize,
  aliveObject,
  registryReference,
  dataTypeAvailable,
  shapeValid,
  tensorSize,
  shapesFit,
  dataTypesMatch,
  sameGraph,
  frozenDescriptor,
  feedsComplete,
  targetsValid,
  optimizationLevel,
  inputsMatch,
  resultsMatch,
  noAliasing,
  tensorDataFits,
  argument,
  pipelineSet,
  argumentBound,
  threadgroupSize,
  threadgroupMemory,
  kernelBounds,
  kernelRace,
  kernelBarrier,
  kernelSimdgroup,
  kernelUndefined,
};

inline constexpr std::size_t kRules = static_cast<std::size_t>(Rule::kernelUndefined) + 1;

/** The rule's name in messages. */
const char* name(Rule rule);
/** The rule as a sentence. */
const char* sentence(Rule rule);

/** Prints the rule and what broke it, marked as the double's, and aborts. */
[[noreturn]] void violate(Rule rule, const std::string& what);

inline void require(bool kept, Rule rule, const std::string& what) {
  if (!kept) violate(rule, what);
}

}  // namespace metal_double
