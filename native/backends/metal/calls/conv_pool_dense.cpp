#include "backends/metal/calls/conv_pool_dense.h"

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

/** How the work is spread over threads: see conv_pool_dense.metal. */
struct Plan {
  /** Images of one thread. */
  std::int64_t images;
  /** The pooled pixels of an image are taken in about this many turns. */
  std::int64_t turns;
  /** Groups of threads that share the filters. */
  std::int64_t splits;
};

/** From few images, whose filters are spread over the threadgroup, to many. */
constexpr Plan kPlans[] = {{1, 1, 4}, {1, 1, 1}, {2, 1, 1}, {4, 2, 1}};

std::int64_t lanesOf(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(ceilDivide(net.pixels(), plan.turns), kLanes) * kLanes;
}

std::int64_t taps(const ConvPoolDense& net) {
  return net.kernelY * net.kernelX * net.channels;
}

std::size_t factorBytes(const ConvPoolDense& net) {
  return static_cast<std::size_t>(net.filterCount * (taps(net) + 1)) * sizeof(float);
}

std::size_t partialBytes(const ConvPoolDense& net, const Plan& plan) {
  const std::int64_t simdgroups = lanesOf(net, plan) * plan.splits / kLanes;
  return static_cast<std::size_t>(simdgroups * plan.images * net.units) * sizeof(float);
}

bool fits(const ConvPoolDense& net, const Plan& plan, std::size_t groupMemoryBytes) {
  const bool isUseful = plan.images == 1 || plan.images < net.batch;
  // More images a thread than the batch has, or more parts than filters, would be work for nothing.
  return isUseful && plan.splits <= net.filterCount &&
         lanesOf(net, plan) * plan.splits <= kMostThreads &&
         plan.images * (net.patch() + net.units) <= kRegisterValues &&
         factorBytes(net) + partialBytes(net, plan) + 2 * kLanes <= groupMemoryBytes;
}

Macros macrosOf(const ConvPoolDense& net, const Plan& plan) {
  Macros all = {{"TYPE", metalType(net.dtype)},
                {"IMAGES", std::to_string(plan.images)},
                {"LANES", std::to_string(lanesOf(net, plan))},
                {"SPLITS", std::to_string(plan.splits)},
                {"TRANSPOSED", net.transposedDense ? "1" : "0"}};
  for (const auto& [key, value] : net.macros()) all.emplace_back(key, std::to_string(value));
  return all;
}

std::string labelOf(const Plan& plan) {
  std::string label = "conv_pool_dense.metal " + std::to_string(plan.images) +
                      (plan.images == 1 ? " image" : " images") + " per threadgroup";
  if (plan.splits > 1) label += ", filters in " + std::to_string(plan.splits) + " parts";
  return label;
}

KernelCall callOf(const ConvPoolDense& net, const Plan& plan) {
  KernelCall call{"conv_pool_dense.metal", macrosOf(net, plan), "conv_pool_dense"};
  call.shape.threads[0] = static_cast<std::size_t>(lanesOf(net, plan) * plan.splits);
  call.shape.groups[0] = static_cast<std::size_t>(ceilDivide(net.batch, plan.images));
  call.groupMemory = {factorBytes(net), partialBytes(net, plan)};
  call.label = labelOf(plan);
  return call;
}

}  // namespace

std::vector<KernelCall> networkCalls(const ConvPoolDense& net, std::size_t groupMemoryBytes) {
  std::vector<KernelCall> calls;
  if (net.dtype == DType::f64 || net.windowY * net.windowX * taps(net) > kMostWindowTaps) {
    return calls;
  }
  for (const Plan& plan : kPlans) {
    if (fits(net, plan, groupMemoryBytes)) calls.push_back(callOf(net, plan));
  }
  return calls;
}

KernelCall packCall(const ConvPoolDense& net, const KernelCall& network) {
  constexpr std::size_t kThreads = 256;
  KernelCall call{network.file, network.macros, "pack_dense"};
  call.shape.threads[0] = kThreads;
  call.shape.groups[0] = ceilDivide(packedBytes(net) / sizeof(float), kThreads);
  return call;
}

std::size_t packedBytes(const ConvPoolDense& net) {
  return static_cast<std::size_t>(net.pixels() * net.filterCount * net.units) * sizeof(float);
}

}  // namespace mpsbench::metal
