#include "double/rules.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace metal_double {

namespace {

struct Text {
  Rule rule;
  const char* name;
  const char* sentence;
};

constexpr std::array kTexts = {
    Text{Rule::commitOnce, "commit-once", "A command buffer is committed once."},
    Text{Rule::encodeBeforeCommit, "encode-before-commit",
         "Nothing is encoded into a command buffer after its commit."},
    Text{Rule::oneEncoder, "one-encoder", "A command buffer has one open encoder at a time."},
    Text{Rule::encoderEnded, "encoder-ended",
         "An encoder is ended before the commit and before it is released, and not used after."},
    Text{Rule::waitAfterCommit, "wait-after-commit",
         "Waiting for a command buffer that is not committed never returns."},
    Text{Rule::resultsAfterCompletion, "results-after-completion",
         "GPU times and the error mean something only after the command buffer has completed."},
    Text{Rule::queueDepth, "queue-depth",
         "A queue gives at most 64 command buffers that have not completed; the next call blocks."},
    Text{Rule::sameDevice, "same-device", "Objects of different devices do not work together."},
    Text{Rule::bufferLength, "buffer-length",
         "A buffer has at least one byte and at most maxBufferLength."},
    Text{Rule::bufferBounds, "buffer-bounds", "The CPU stays within a buffer's contents."},
    Text{Rule::storageMode, "storage-mode",
         "A buffer has a storage mode that the device has; a private one has no contents."},
    Text{Rule::gpuBusy, "gpu-busy",
         "The CPU leaves a buffer alone until the command buffer that uses it is seen to be done."},
    Text{Rule::blitRange, "blit-range", "A blit stays within its buffers and does not overlap."},
    Text{Rule::blitAlignment, "blit-alignment",
         "On macOS offsets and sizes of blits are multiples of 4."},
    Text{Rule::blitSize, "blit-size",
         "A blit has at most 2 GiB: much longer copies and fills are cut off without an error."},
    Text{Rule::aliveObject, "alive-object", "No message is sent to a released object."},
    Text{Rule::registryReference, "registry-reference",
         "A reference to the I/O registry is released once and not used after."},
    Text{Rule::dataTypeAvailable, "data-type-available",
         "A data type is used only where this macOS has it."},
    Text{Rule::shapeValid, "shape-valid", "A shape has dimensions, each at least 1."},
    Text{Rule::tensorSize, "tensor-size",
         "A tensor has less than 2^32 bytes: MPS aborts with a failed assertion."},
    Text{Rule::shapesFit, "shapes-fit", "The shapes of an operation's tensors fit together."},
    Text{Rule::dataTypesMatch, "data-types-match",
         "The tensors of an operation have one data type."},
    Text{Rule::sameGraph, "same-graph", "A tensor belongs to one graph."},
    Text{Rule::frozenDescriptor, "frozen-descriptor",
         "A descriptor does not change between its operation and the compilation."},
    Text{Rule::feedsComplete, "feeds-complete",
         "Every placeholder that the targets need is fed, with its own shape and data type."},
    Text{Rule::targetsValid, "targets-valid", "There are targets, each named once."},
    Text{Rule::optimizationLevel, "optimization-level",
         "The graph is compiled at level 0: level 1 may leave the GPU."},
    Text{Rule::inputsMatch, "inputs-match",
         "Inputs come in the order of feedTensors, with their shapes and data types."},
    Text{Rule::resultsMatch, "results-match",
         "Results come in the order of targetTensors, with their shapes and data types."},
    Text{Rule::noAliasing, "no-aliasing",
         "A result shares its buffer with no input and no other result."},
    Text{Rule::tensorDataFits, "tensor-data-fits",
         "The buffer of tensor data holds all of the tensor."},
    Text{Rule::argument, "argument", "No argument is nil where Apple's header says nonnull."},
    Text{Rule::pipelineSet, "pipeline-set", "A dispatch has a pipeline, made for its device."},
    Text{Rule::argumentBound, "argument-bound",
         "Every argument of the kernel is bound, at an offset within its buffer."},
    Text{Rule::threadgroupSize, "threadgroup-size",
         "A dispatch has threads, and no more in a threadgroup than its pipeline allows."},
    Text{Rule::threadgroupMemory, "threadgroup-memory",
         "Threadgroup memory is a multiple of 16 bytes, in all at most what the device has."},
    Text{Rule::kernelBounds, "kernel-bounds",
         "A kernel stays within its buffers and its threadgroup memory."},
    Text{Rule::kernelRace, "kernel-race",
         "Between two barriers no thread touches what another one writes; nothing orders the "
         "threadgroups of a dispatch."},
    Text{Rule::kernelBarrier, "kernel-barrier",
         "All threads of a threadgroup reach a barrier, or none."},
    Text{Rule::kernelSimdgroup, "kernel-simdgroup",
         "The 32 lanes of a simdgroup call its functions in step."},
    Text{Rule::kernelUndefined, "kernel-undefined",
         "A kernel does nothing that C++ leaves undefined."},
};
static_assert(kTexts.size() == kRules);

constexpr bool inOrder() {
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (kTexts[i].rule != static_cast<Rule>(i)) return false;
  }
  return true;
}
static_assert(inOrder());

const Text& textOf(Rule rule) {
  return kTexts[static_cast<std::size_t>(rule)];
}

}  // namespace

const char* name(Rule rule) {
  return textOf(rule).name;
}

const char* sentence(Rule rule) {
  return textOf(rule).sentence;
}

void violate(Rule rule, const std::string& what) {
  std::fprintf(stderr, "metal (double): broken rule %s: %s %s\n", name(rule), what.c_str(),
               sentence(rule));
  std::fflush(stderr);
  std::abort();
}

}  // namespace metal_double
