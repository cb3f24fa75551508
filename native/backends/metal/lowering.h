#pragma once

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/metal/driver/launch.h"
#include "backends/metal/driver/programs.h"
#include "backends/metal/driver/tensors.h"
#include "backends/metal/hardware/limits.h"
#include "core/backend.h"
#include "core/matching.h"

namespace mpsbench::metal {

class Lowering;

/** One way to run the whole graph. The fastest, measured on the device, is kept. */
struct Candidate {
  /** For the placement table: MPSGraph, or the kernel's file and its parameters. */
  std::string name;
  /**
   * Encodes `times` iterations, the first of `phase`, and returns the phase of the one after them.
   * Empty if `parts` is set.
   */
  std::function<std::size_t(MPSCommandBuffer*, std::size_t phase, std::int64_t times)> encode = {};
  /** Each encodes a part of one long iteration, for a command buffer of its own. */
  std::vector<std::function<void(MPSCommandBuffer*, std::size_t phase)>> parts = {};
  /** The dispatches of one iteration of our own kernels. A long iteration is split into several
   * command buffers. */
  std::vector<Launch> launches = {};
  /** Nanoseconds per iteration on a small GPU, if even the first iteration has to be split; else 0.
   */
  double expectedNs = 0;
  /** The most iterations of one call. MPSGraph may change the command buffer in each. */
  std::int64_t mostTimes = 1;
  /** The most iterations of one command buffer. */
  std::int64_t mostInBatch = 32;
  /** What every encoded iteration holds until its command buffer has completed. */
  std::uint64_t temporaryBytes = 0;
  /** Memory of its own. */
  std::uint64_t ownBytes = 0;
  /** Weights that `prepare` brings into an order of the candidate's own. */
  std::vector<TensorIndex> weights = {};
  /** Encoded before the first run, and again whenever the host has written one of `weights`. */
  std::function<void(id<MTLComputeCommandEncoder>)> prepare = {};
};

/** The ways to run a graph. */
struct Lowerings {
  /** At least one. */
  std::vector<Candidate> candidates;
  /** What was refused and why, for the placement table; empty where nothing was. */
  std::string refused;
};

/** What matchers choose by. */
struct Facts {
  Limits limits;
  /** Of a threadgroup. */
  std::size_t groupMemoryBytes = 0;
  /** Of the GPU; 8, as an M1 has, where it is not known. */
  int cores = 8;
  /** GPU time from which on MPSGraph's iterations are cut: macOS may stop longer work that holds up
   * the display. */
  double longNs = 100e6;
  /** Simdgroups of 32 lanes, their functions and matrices: the GPUs of Apple silicon. */
  bool hasSimdgroups = false;
};

Facts factsOf(id<MTLDevice> device);

using Match = mpsbench::Match<Candidate, Lowering>;
using Matcher = mpsbench::Matcher<Candidate, Lowering, Facts>;

/** The executable under construction: its graph, its memory and its kernels. */
class Lowering {
 public:
  /** All must outlive it and the candidates. */
  Lowering(Tensors& tensors, Programs& programs, id<MTLDevice> device, id<MTLCommandQueue> queue)
      : tensors_(tensors), programs_(programs), device_(device), queue_(queue) {}

  [[nodiscard]] const Graph& graph() const { return tensors_.graph(); }
  [[nodiscard]] const Op& op(OpIndex index) const { return graph().ops[index]; }
  [[nodiscard]] Tensors& tensors() { return tensors_; }
  [[nodiscard]] id<MTLDevice> device() const { return device_; }
  [[nodiscard]] id<MTLCommandQueue> queue() const { return queue_; }
  /** A launch of the call, whose kernel is compiled unless it was before. @throws Error
   * `unsupported` */
  Launch launch(const KernelCall& call) {
    return {programs_.kernel(call.file, call.macros, call.entry), call};
  }

  /**
   * Every way to run the graph. At KernelLevel::library that is MPSGraph alone.
   * @throws Error of the last candidate that was refused, where there is none
   */
  Lowerings lowerAll(const Facts& facts, KernelLevel level);

 private:
  Tensors& tensors_;
  Programs& programs_;
  id<MTLDevice> device_;
  id<MTLCommandQueue> queue_;
};

/** A candidate that is these launches, one after the other, in each iteration. */
Candidate launches(std::string name, std::vector<Launch> all);

/**
 * Checks, before anything is allocated, that MPSGraph or a kernel of our own can take the sizes.
 * @throws Error `unsupported`
 */
void requireWay(const Graph& graph, const Facts& facts, KernelLevel level);

/** Whether a fused kernel of our own can run the graph. */
bool fusesGraph(const Graph& graph, const Facts& facts);

}  // namespace mpsbench::metal
