#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"
#include "backends/cuda/patterns/conv_pool_dense_macros.h"

// Candidates of kernels/conv_pool_dense.cu.
namespace mpsbench::cuda {

namespace {

/** Values for patches and sums of one thread; more would leave no room for the rest. */
constexpr std::int64_t kRegisterValues = 128;
/** Above this many multiplications for one pooled value the code grows long. */
constexpr std::int64_t kMostWindowTaps = 256;
constexpr std::int64_t kMostThreads = 1024;
/** Static shared memory is at most 48 KiB; factors, partial sums and logits share it. */
constexpr std::int64_t kMostStaticBytes = 48 << 10;

/** How the work is spread over threads: see conv_pool_dense.cu. */
struct Plan {
  bool winograd = false;
  bool weightsShared = false;
  std::int64_t images = 1;
  /** The pooled pixels of an image are processed in this many turns. */
  std::int64_t turns = 1;
  std::int64_t splits = 1;
  std::int64_t groups = 1;
  std::int64_t cluster = 1;
  int unroll = 1;
  int blocksEach = 1;
};

/** Tuned on an H200 with the network of the `cnn` workload, a batch from 1 to 16384. */
constexpr Plan kPlans[] = {
    // Few images: the filters of one are spread over several blocks.
    {false, false, 1, 1, 1, 1, 16, 1, 1},
    {false, false, 1, 1, 2, 1, 16, 1, 1},
    {false, false, 1, 1, 1, 1, 8, 1, 1},
    {false, false, 1, 1, 1, 1, 4, 1, 1},
    {false, false, 1, 1, 1, 1, 2, 2, 1},
    {false, false, 2, 1, 1, 1, 2, 2, 1},
    // The same without clusters.
    {false, false, 1, 1, 4, 1, 1, 1, 1},
    {false, false, 1, 1, 1, 1, 1, 1, 1},
    // Many images.
    {false, false, 3, 2, 1, 3, 1, 1, 2},
    {true, true, 3, 2, 1, 6, 1, 4, 1},
    {true, true, 3, 5, 1, 15, 1, 2, 1},
    {true, true, 4, 5, 1, 11, 1, 2, 1},
    {false, true, 4, 5, 1, 11, 1, 2, 1},
};

std::int64_t lanesOf(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(net.pixels(), plan.turns);
}

std::int64_t threadsOf(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(lanesOf(net, plan) * plan.splits * plan.groups, 32) * 32;
}

std::int64_t sumBytes(const ConvPoolDense& net) {
  return static_cast<std::int64_t>(accumulatorBytes(net.dtype));
}

/** Filters whose weights one block needs. */
std::int64_t blockFilters(const ConvPoolDense& net, const Plan& plan) {
  return ceilDivide(net.filterCount, plan.splits * plan.cluster) * plan.splits;
}

std::int64_t sharedWeightBytes(const ConvPoolDense& net, const Plan& plan) {
  return plan.weightsShared ? blockFilters(net, plan) * net.units * net.pixels() * sumBytes(net)
                            : 0;
}

/** At least the size of the kernel's own arrays. */
std::int64_t staticBytes(const ConvPoolDense& net, const Plan& plan) {
  const std::int64_t taps = net.kernelY * net.kernelX * net.channels;
  const std::int64_t factors = (plan.winograd ? 16 : taps) + 4;
  const std::int64_t unitsAtOnce = plan.weightsShared ? (net.units + 1) / 2 : net.units;
  const std::int64_t values = blockFilters(net, plan) * factors +
                              unitsAtOnce * (threadsOf(net, plan) + 32) +
                              plan.cluster * plan.images * plan.groups * net.units;
  return values * sumBytes(net);
}

bool hasWinograd(const ConvPoolDense& net) {
  return net.kernelY == 3 && net.kernelX == 3 && net.channels == 1 && net.strideY == 1 &&
         net.strideX == 1 && net.windowY == 2 && net.windowX == 2;
}

bool fits(const ConvPoolDense& net, const Plan& plan, const Facts& facts) {
  const std::int64_t threads = threadsOf(net, plan);
  const std::int64_t valueBytes = sumBytes(net);
  const std::int64_t values = plan.images * (net.patch() + net.units) * valueBytes / 4;
  const std::int64_t shared = staticBytes(net, plan) + sharedWeightBytes(net, plan);
  const std::int64_t blocks = ceilDivide(net.batch, plan.images * plan.groups) * plan.cluster;
  // Blocks of far too many, or far too few for the multiprocessors, need not be tried.
  const std::int64_t multiprocessors = facts.multiprocessors;
  const bool spreads = plan.cluster == 1 || blocks <= 8 * multiprocessors;
  const bool fills = plan.cluster > 1 || plan.groups == 1 || 2 * blocks >= multiprocessors;
  return threads <= kMostThreads && values <= kRegisterValues &&
         staticBytes(net, plan) <= kMostStaticBytes &&
         shared <= static_cast<std::int64_t>(facts.sharedPerBlock) &&
         plan.splits * plan.cluster <= net.filterCount && (!plan.winograd || hasWinograd(net)) &&
         (plan.cluster == 1 || facts.atLeast(9)) && spreads && fills;
}

std::string labelOf(const Plan& plan) {
  std::string label = "conv_pool_dense.cu";
  if (plan.winograd) label += " Winograd";
  label += " " + std::to_string(plan.images) + (plan.images == 1 ? " image" : " images");
  label += " a thread, " + std::to_string(plan.groups * plan.images) + " a block";
  if (plan.splits > 1) label += ", filters in " + std::to_string(plan.splits) + " parts";
  if (plan.cluster > 1) label += ", clusters of " + std::to_string(plan.cluster);
  if (plan.weightsShared) label += ", weights in shared memory";
  return label;
}

std::vector<std::string> macrosOf(const ConvPoolDense& net, const Plan& plan) {
  std::vector<std::string> all = shapeMacros(net);
  const std::pair<const char*, std::int64_t> values[] = {
      {"WINOGRAD", plan.winograd ? 1 : 0},
      {"WEIGHTS_SHARED", plan.weightsShared ? 1 : 0},
      {"IMAGES", plan.images},
      {"LANES", lanesOf(net, plan)},
      {"SPLITS", plan.splits},
      {"GROUPS", plan.groups},
      {"CLUSTER", plan.cluster},
      {"UNROLL", plan.unroll},
      {"MIN_BLOCKS", plan.blocksEach}};
  for (const auto& [key, value] : values) {
    all.push_back(std::string("-D") + key + "=" + std::to_string(value));
  }
  return all;
}

/** Nothing if a multiprocessor has no room for a block of the plan. */
std::optional<Candidate> candidateOf(Lowering& lowering, const ConvPoolDense& net, const Plan& plan,
                                     const std::shared_ptr<DeviceBuffer>& packed) {
  const std::vector<std::string> macros = macrosOf(net, plan);
  const Kernel kernel = lowering.kernel("conv_pool_dense.cu", macros, "conv_pool_dense");
  LaunchShape shape;
  shape.block.x = static_cast<unsigned>(threadsOf(net, plan));
  shape.sharedBytes = static_cast<std::size_t>(sharedWeightBytes(net, plan));
  shape.cluster.x = static_cast<unsigned>(plan.cluster);
  // If a launch takes longer than the work.
  shape.overlapsPrevious = plan.cluster > 1;
  std::int64_t blocks = ceilDivide(net.batch, plan.images * plan.groups) * plan.cluster;
  if (plan.weightsShared) {
    // As many as are there at once: each continues to the next images.
    const int each = kernel.blocksPerMultiprocessor(shape.block.x, shape.sharedBytes);
    blocks = std::min<std::int64_t>(blocks, std::int64_t{each} * lowering.facts().multiprocessors);
    if (blocks == 0) return std::nullopt;
  }
  shape.grid.x = static_cast<unsigned>(blocks);

  LaunchShape packShape;
  packShape.block.x = 256;
  packShape.grid.x = blocksFor(net.pixels() * net.filterCount * net.units, packShape.block.x);
  const Launch pack(lowering.kernel("conv_pool_dense.cu", macros, "pack_dense"), packShape,
                    lowering.data(net.dense), packed->address(),
                    std::int32_t{net.transposedDense ? 1 : 0});
  const Launch run(kernel, shape, lowering.data(net.x), lowering.data(net.filters),
                   lowering.data(net.convBias), packed->address(), lowering.data(net.denseBias),
                   lowering.data(net.y));
  return Candidate{labelOf(plan),
                   [run, packed](CUstream stream) { run(stream); },
                   {net.dense},
                   [pack, packed](CUstream stream) { pack(stream); }};
}

}  // namespace

std::optional<Match> matchConvPoolDense(const GraphView& view, OpIndex index,
                                        const Facts& /*facts*/) {
  const auto net = findConvPoolDense(view, index);
  if (!net ||
      net->windowY * net->windowX * net->kernelY * net->kernelX * net->channels > kMostWindowTaps) {
    return std::nullopt;
  }
  return Match{net->ops, [net = *net](Lowering& lowering) {
                 std::vector<Candidate> candidates;
                 std::shared_ptr<DeviceBuffer> packed;
                 for (const Plan& plan : kPlans) {
                   if (!fits(net, plan, lowering.facts())) continue;
                   // One copy for all candidates: its order does not depend on the plan.
                   if (!packed) {
                     packed = lowering.scratch(static_cast<std::size_t>(
                         net.pixels() * net.filterCount * net.units * sumBytes(net)));
                   }
                   auto candidate = candidateOf(lowering, net, plan, packed);
                   if (candidate) candidates.push_back(std::move(*candidate));
                 }
                 return candidates;
               }};
}

}  // namespace mpsbench::cuda
