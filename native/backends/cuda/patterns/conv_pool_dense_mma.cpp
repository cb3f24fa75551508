#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/grid.h"
#include "backends/cuda/patterns/conv_pool_dense_macros.h"

// Candidates of kernels/conv_pool_dense_mma.cu.
namespace mpsbench::cuda {

namespace {

constexpr std::int64_t kTileImages = 16;
constexpr std::int64_t kBanks = 32;
/** Registers for the filters of a block, which every thread holds all the time. */
constexpr std::int64_t kFilterRegisters = 64;

/** Tiles of 16 images and warps per tile in one block; the intended blocks per multiprocessor. */
struct Plan {
  std::int64_t tiles;
  std::int64_t splits;
  std::int64_t blocksEach;
};
constexpr Plan kPlans[] = {{1, 16, 1}, {1, 8, 2}, {1, 4, 4}, {2, 4, 2}, {2, 2, 2}, {4, 2, 1}};

/** Sizes that follow from the network. */
struct Layout {
  std::int64_t runs;
  std::int64_t blockFilters;
  std::int64_t filterBlocks;
  std::int64_t filterRegisters;
  std::int64_t denseRegisters;
  std::int64_t imageStride;
};

/**
 * Elements between images in shared memory, so that the pairs that a warp reads at once lie in
 * different banks: as few as possible of them share one.
 */
std::int64_t imageStrideOf(const ConvPoolDense& net) {
  const auto bytes = static_cast<std::int64_t>(sizeOf(net.dtype));
  const std::int64_t step = 16 / bytes;
  const std::int64_t image = ceilDivide(net.height * net.width * net.channels, step) * step;
  const std::int64_t row = net.patchColumns() * net.channels;
  std::int64_t best = image;
  std::int64_t fewest = kBanks * kBanks;
  for (std::int64_t stride = image; stride < image + 16 * step; stride += step) {
    // A pair of 16-bit values is one bank wide, a pair of f32 two, read by half a warp at once.
    std::int64_t used[kBanks] = {};
    const std::int64_t lanes = bytes == 2 ? 32 : 16;
    std::int64_t most = 0;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      const std::int64_t element = lane % 4 * 2;
      const std::int64_t at =
          lane / 4 * stride + element / row * (net.width * net.channels) + element % row;
      most = std::max(most, ++used[at * bytes / 4 % kBanks]);
    }
    if (most < fewest) fewest = most, best = stride;
  }
  return best;
}

Layout layoutOf(const ConvPoolDense& net) {
  const std::int64_t runsPerStep = net.dtype == DType::f32 ? 1 : 2;
  Layout made{};
  made.runs = ceilDivide(net.patch(), 16) * 2;
  made.blockFilters = net.filterCount <= 16 ? 16 : 32;
  made.filterBlocks = ceilDivide(net.filterCount, made.blockFilters);
  made.filterRegisters =
      net.windowY * net.windowX * (made.blockFilters / 8) * (made.runs / runsPerStep) * 2;
  made.denseRegisters = made.blockFilters / (8 * runsPerStep) * ceilDivide(net.units, 8) * 2;
  made.imageStride = imageStrideOf(net);
  return made;
}

/** Whether every pair of neighbours in a patch lies in one row, at an even place. */
bool hasPairs(const ConvPoolDense& net) {
  return net.patchColumns() * net.channels % 2 == 0 &&
         net.poolStrideX * net.strideX * net.channels % 2 == 0 && net.width * net.channels % 2 == 0;
}

bool isPadded(const ConvPoolDense& net) {
  return net.convY.padBefore > 0 || net.convX.padBefore > 0 || net.convY.padAfter > 0 ||
         net.convX.padAfter > 0;
}

bool applies(const ConvPoolDense& net, const Facts& facts) {
  const bool precision = net.dtype == DType::f16 || net.dtype == DType::bf16 ||
                         (net.dtype == DType::f32 && facts.tf32);
  return precision && facts.atLeast(8) && hasPairs(net) && !isPadded(net) &&
         layoutOf(net).filterRegisters <= kFilterRegisters;
}

std::size_t stagedBytes(const ConvPoolDense& net, const Layout& layout, const Plan& plan) {
  return static_cast<std::size_t>(kTileImages * plan.tiles * layout.imageStride) *
         sizeOf(net.dtype);
}

bool fits(const ConvPoolDense& net, const Layout& layout, const Plan& plan, const Facts& facts) {
  const auto partials = static_cast<std::size_t>(plan.splits * kTileImages * plan.tiles *
                                                 ceilDivide(net.units, 8) * 8 * 4);
  return stagedBytes(net, layout, plan) + partials <= facts.sharedPerBlock &&
         partials <= (std::size_t{48} << 10) && plan.splits <= net.pixels();
}

/** The two kinds of weights in the order of the matrix units, and how they get there. */
struct Packed {
  std::shared_ptr<DeviceBuffer> filters;
  std::shared_ptr<DeviceBuffer> dense;
};

Candidate candidateOf(Lowering& lowering, const ConvPoolDense& net, const Layout& layout,
                      const Plan& plan, const Packed& packed) {
  std::vector<std::string> macros = shapeMacros(net);
  const std::pair<const char*, std::int64_t> values[] = {{"BLOCK_FILTERS", layout.blockFilters},
                                                         {"TILES", plan.tiles},
                                                         {"SPLITS", plan.splits},
                                                         {"IMAGE_STRIDE", layout.imageStride},
                                                         {"MIN_BLOCKS", plan.blocksEach}};
  for (const auto& [key, value] : values) {
    macros.push_back(std::string("-D") + key + "=" + std::to_string(value));
  }
  const auto kernel = [&](const char* entry) {
    return lowering.kernel("conv_pool_dense_mma.cu", macros, entry);
  };
  LaunchShape packShape;
  packShape.block.x = 256;
  packShape.grid.x =
      blocksFor(static_cast<std::int64_t>(packed.filters->bytes() / 4), packShape.block.x);
  const Launch packFilters(kernel("pack_filters"), packShape, lowering.data(net.filters),
                           packed.filters->address());
  packShape.grid.x =
      blocksFor(static_cast<std::int64_t>(packed.dense->bytes() / 4), packShape.block.x);
  const Launch packDense(kernel("pack_dense"), packShape, lowering.data(net.dense),
                         packed.dense->address(), std::int32_t{net.transposedDense ? 1 : 0});

  LaunchShape shape;
  shape.block.x = static_cast<unsigned>(32 * plan.tiles * plan.splits);
  shape.grid.x = blocksFor(net.batch, kTileImages * plan.tiles);
  shape.sharedBytes = stagedBytes(net, layout, plan);
  const Launch run(kernel("conv_pool_dense_mma"), shape, lowering.data(net.x),
                   packed.filters->address(), lowering.data(net.convBias), packed.dense->address(),
                   lowering.data(net.denseBias), lowering.data(net.y));
  return {"conv_pool_dense_mma.cu " + std::to_string(kTileImages * plan.tiles) +
              " images per block, " + std::to_string(plan.splits) + " warps each 16",
          [run, packed](CUstream stream) { run(stream); },
          {net.filters, net.dense},
          [packFilters, packDense, packed](CUstream stream) {
            packFilters(stream);
            packDense(stream);
          }};
}

}  // namespace

std::optional<Match> matchConvPoolDenseMma(const GraphView& view, OpIndex index,
                                           const Facts& facts) {
  const auto net = findConvPoolDense(view, index);
  if (!net || !applies(*net, facts)) return std::nullopt;
  return Match{net->ops, [net = *net](Lowering& lowering) {
                 const Layout layout = layoutOf(net);
                 std::vector<Candidate> candidates;
                 Packed packed;
                 for (const Plan& plan : kPlans) {
                   if (!fits(net, layout, plan, lowering.facts())) continue;
                   if (!packed.filters) {
                     constexpr std::int64_t kLaneBytes = 32 * 4;
                     packed.filters = lowering.scratch(static_cast<std::size_t>(
                         layout.filterBlocks * layout.filterRegisters * kLaneBytes));
                     packed.dense = lowering.scratch(static_cast<std::size_t>(
                         layout.filterBlocks * net.pixels() * layout.denseRegisters * kLaneBytes));
                   }
                   candidates.push_back(candidateOf(lowering, net, layout, plan, packed));
                 }
                 return candidates;
               }};
}

}  // namespace mpsbench::cuda
