#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "backends/metal/matchers.h"
#include "core/ceil_divide.h"
#include "core/patterns/conv_pool_dense.h"

// Candidates of kernels/conv_pool_dense.metal.
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

bool fits(const ConvPoolDense& net, const Plan& plan, const Facts& facts) {
  const bool isUseful = plan.images == 1 || plan.images < net.batch;
  // More images a thread than the batch has, or more parts than filters, would be work for nothing.
  return isUseful && plan.splits <= net.filterCount &&
         lanesOf(net, plan) * plan.splits <= kMostThreads &&
         plan.images * (net.patch() + net.units) <= kRegisterValues &&
         factorBytes(net) + partialBytes(net, plan) + 2 * kLanes <= facts.groupMemoryBytes;
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

Candidate candidateOf(Lowering& lowering, const ConvPoolDense& net, const Plan& plan,
                      const PhasedBuffer& packed) {
  const Macros macros = macrosOf(net, plan);
  Tensors& tensors = lowering.tensors();
  LaunchShape shape;
  shape.threads[0] = static_cast<std::size_t>(lanesOf(net, plan) * plan.splits);
  shape.groups[0] = static_cast<std::size_t>(ceilDivide(net.batch, plan.images));
  Candidate candidate =
      launches(labelOf(plan),
               {Launch(lowering.kernel("conv_pool_dense.metal", macros, "conv_pool_dense"), shape)
                    .buffer(tensors.read(net.x))
                    .buffer(tensors.read(net.filters))
                    .buffer(tensors.read(net.convBias))
                    .buffer(packed)
                    .buffer(tensors.read(net.denseBias))
                    .buffer(tensors.written(net.y))
                    .groupMemory(factorBytes(net))
                    .groupMemory(partialBytes(net, plan))});
  constexpr std::int64_t kPackThreads = 256;
  shape.threads[0] = kPackThreads;
  shape.groups[0] = static_cast<std::size_t>(
      ceilDivide(net.pixels() * net.filterCount * net.units, kPackThreads));
  Launch pack(lowering.kernel("conv_pool_dense.metal", macros, "pack_dense"), shape);
  pack.buffer(tensors.read(net.dense)).buffer(packed);
  candidate.weights = {net.dense};
  candidate.prepare = [pack](id<MTLComputeCommandEncoder> encoder) { pack.encode(encoder, 0); };
  candidate.ownBytes = static_cast<std::uint64_t>([packed[0].get() length]);
  return candidate;
}

std::vector<Candidate> build(Lowering& lowering, const ConvPoolDense& net, const Facts& facts) {
  std::vector<Candidate> candidates;
  // One copy for all candidates: its order does not depend on the plan.
  PhasedBuffer packed;
  for (const Plan& plan : kPlans) {
    if (!fits(net, plan, facts)) continue;
    if (!packed[0]) {
      packed = lowering.tensors().scratch(
          static_cast<std::uint64_t>(net.pixels() * net.filterCount * net.units) * sizeof(float));
    }
    candidates.push_back(candidateOf(lowering, net, plan, packed));
  }
  return candidates;
}

}  // namespace

std::optional<Match> matchConvPoolDense(const GraphView& view, OpIndex index, const Facts& facts) {
  const auto net = findConvPoolDense(view, index);
  const bool hasPlan = facts.hasSimdgroups && net &&
                       net->windowY * net->windowX * taps(*net) <= kMostWindowTaps &&
                       std::any_of(std::begin(kPlans), std::end(kPlans),
                                   [&](const Plan& plan) { return fits(*net, plan, facts); });
  if (!hasPlan) return std::nullopt;
  return Match{net->ops, [net = *net, facts](Lowering& lowering) {
                 return build(lowering, net, facts);
               }};
}

}  // namespace mpsbench::metal
