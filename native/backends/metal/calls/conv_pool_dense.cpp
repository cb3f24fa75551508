#include "backends/metal/calls/conv_pool_dense.h"

#include <algorithm>
#include <string>

#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kMostThreads = 1024;
/** Values for patches and sums of one thread; more would spill. */
constexpr std::int64_t kRegisterValues = 128;
/** Above this many multiplications for one pooled value the code grows long. */
constexpr std::int64_t kMostWindowTaps = 256;
/** Of the threads' sums, what lies in threadgroup memory at once. */
constexpr std::int64_t kPartialBytes = 16384;
/**
 * From so many threadgroups on, more of them, or more parts of each, make no better use of any GPU.
 */
constexpr std::int64_t kManyGroups = 512;
/** So many threadgroups keep the smallest GPU busy. */
constexpr std::int64_t kFewGroups = 16;

/** How the work is spread over threads: see conv_pool.h. */
struct Plan {
  /** Images of one thread. */
  std::int64_t images;
  /** The pooled pixels of an image are taken in about this many turns. */
  std::int64_t turns;
  /** Groups of threads that share the filters. */
  std::int64_t splits;
  /** Sets of images in a threadgroup. */
  std::int64_t groups;
  /** Threadgroups that share the filters. */
  std::int64_t slices;
};

/** From few images, whose filters are spread over threadgroups, to many. */
constexpr Plan kPlans[] = {{1, 1, 1, 1, 32}, {1, 1, 1, 1, 16}, {1, 1, 1, 1, 8}, {1, 1, 2, 1, 1},
                           {1, 1, 1, 1, 1},  {2, 2, 1, 3, 1},  {3, 2, 1, 3, 1}};

std::int64_t lanesOf(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(net.pixels(), plan.turns);
}

std::int64_t threadsOf(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(lanesOf(net, plan) * plan.splits * plan.groups, kLanes) * kLanes;
}

std::int64_t taps(const ConvPoolDense& net) {
  return net.kernelY * net.kernelX * net.channels;
}

std::size_t floatBytes(std::int64_t count) {
  return static_cast<std::size_t>(count) * sizeof(float);
}

/** How the threads' sums are added up. */
struct Reduction {
  std::int64_t units;
  std::int64_t reducers;
};

Reduction reductionOf(const ConvPoolDense& net, const Plan& plan) {
  const std::int64_t threads = threadsOf(net, plan);
  const auto row = static_cast<std::int64_t>(floatBytes(threads + kLanes));
  const std::int64_t most = std::clamp<std::int64_t>(kPartialBytes / row, 1, net.units);
  // In passes of equal size.
  const std::int64_t units = ceilDivide(net.units, ceilDivide(net.units, most));
  std::int64_t reducers = kLanes;
  while (reducers > 1 && plan.groups * units * reducers > threads) reducers /= 2;
  return {units, reducers};
}

/** Of the partial sums, and where there are no slices, of the factors and the logits. */
std::vector<std::size_t> groupMemoryOf(const ConvPoolDense& net, const Plan& plan) {
  const Reduction reduction = reductionOf(net, plan);
  std::vector<std::size_t> bytes = {
      floatBytes(reduction.units * (threadsOf(net, plan) + reduction.reducers))};
  if (plan.slices == 1) {
    const std::int64_t filterStride = ceilDivide(taps(net) + 1, 4) * 4;
    bytes.push_back(floatBytes(net.filterCount * filterStride));
    bytes.push_back(floatBytes(plan.images * plan.groups * net.units));
  }
  return bytes;
}

std::int64_t groupsOf(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(net.batch, plan.images * plan.groups);
}

bool fits(const ConvPoolDense& net, const Plan& plan, std::size_t groupMemoryBytes) {
  const std::int64_t groups = groupsOf(net, plan);
  const std::int64_t parts = plan.splits * plan.slices;
  // More images a thread than the batch has, or more parts than filters, would be work for nothing.
  const bool isUseful = (plan.images == 1 || plan.images < net.batch) &&
                        (plan.groups == 1 || groups >= kFewGroups) &&
                        (parts == 1 || (groups * parts <= kManyGroups && parts <= net.filterCount));
  std::size_t memory = 0;
  // Each is rounded up to 16 bytes.
  for (const std::size_t bytes : groupMemoryOf(net, plan)) memory += ceilDivide(bytes, 16) * 16;
  return isUseful && threadsOf(net, plan) <= kMostThreads &&
         plan.images * (net.patch() + net.units) <= kRegisterValues && memory <= groupMemoryBytes;
}

Macros macrosOf(const ConvPoolDense& net, const Plan& plan) {
  const Reduction reduction = reductionOf(net, plan);
  const std::pair<const char*, std::int64_t> values[] = {
      {"IMAGES", plan.images},         {"LANES", lanesOf(net, plan)},
      {"SPLITS", plan.splits},         {"GROUPS", plan.groups},
      {"SLICES", plan.slices},         {"SUM_UNITS", reduction.units},
      {"REDUCERS", reduction.reducers}};
  Macros all = {{"TYPE", metalType(net.dtype)}};
  for (const auto& [key, value] : values) all.emplace_back(key, std::to_string(value));
  for (const auto& [key, value] : net.macros()) all.emplace_back(key, std::to_string(value));
  return all;
}

std::string labelOf(const Plan& plan) {
  std::string label = plan.slices > 1 ? "conv_pool_slices.metal" : "conv_pool_dense.metal";
  const std::int64_t images = plan.images * plan.groups;
  label += " " + std::to_string(images) + (images == 1 ? " image" : " images") + " per threadgroup";
  if (plan.images < images) label += ", " + std::to_string(plan.images) + " per thread";
  const std::int64_t parts = plan.splits * plan.slices;
  if (parts > 1) label += ", filters in " + std::to_string(parts) + " parts";
  return label;
}

NetworkCalls callsOf(const ConvPoolDense& net, const Plan& plan) {
  const bool isSliced = plan.slices > 1;
  NetworkCalls calls;
  KernelCall& network = calls.network;
  network.file = isSliced ? "conv_pool_slices.metal" : "conv_pool_dense.metal";
  network.macros = macrosOf(net, plan);
  network.entry = isSliced ? "conv_pool_slice" : "conv_pool_dense";
  network.shape.threads[0] = static_cast<std::size_t>(threadsOf(net, plan));
  network.shape.groups[0] = static_cast<std::size_t>(groupsOf(net, plan));
  network.groupMemory = groupMemoryOf(net, plan);
  network.label = labelOf(plan);
  if (!isSliced) return calls;

  constexpr std::int64_t kMostFinishSimdgroups = 4;
  const std::int64_t simdgroups = std::min(net.batch, kMostFinishSimdgroups);
  network.macros.emplace_back("FINISH_SIMDGROUPS", std::to_string(simdgroups));
  network.shape.groups[1] = static_cast<std::size_t>(plan.slices);
  KernelCall& finish = calls.finish.emplace(KernelCall{network.file, network.macros, "add_slices"});
  finish.shape.threads[0] = static_cast<std::size_t>(simdgroups * kLanes);
  finish.shape.groups[0] = static_cast<std::size_t>(ceilDivide(net.batch, simdgroups));
  calls.sliceBytes = floatBytes(plan.slices * net.batch * net.units);
  return calls;
}

}  // namespace

std::vector<NetworkCalls> networkCalls(const ConvPoolDense& net, std::size_t groupMemoryBytes) {
  std::vector<NetworkCalls> calls;
  if (net.dtype == DType::f64 || net.windowY * net.windowX * taps(net) > kMostWindowTaps) {
    return calls;
  }
  for (const Plan& plan : kPlans) {
    if (fits(net, plan, groupMemoryBytes)) calls.push_back(callsOf(net, plan));
  }
  return calls;
}

KernelCall packCall(const ConvPoolDense& net) {
  constexpr std::int64_t kThreads = 256;
  KernelCall call{"pack_dense.metal",
                  {{"TYPE", metalType(net.dtype)},
                   {"PIXELS", std::to_string(net.pixels())},
                   {"FILTERS", std::to_string(net.filterCount)},
                   {"UNITS", std::to_string(net.units)},
                   {"TRANSPOSED", net.transposedDense ? "1" : "0"},
                   {"THREADS", std::to_string(kThreads)}},
                  "pack_dense"};
  call.shape.threads[0] = kThreads;
  call.shape.groups[0] =
      static_cast<std::size_t>(ceilDivide(net.pixels() * net.filterCount * net.units, kThreads));
  return call;
}

std::size_t packedBytes(const ConvPoolDense& net) {
  return floatBytes(net.pixels() * net.filterCount * net.units);
}

}  // namespace mpsbench::metal
