#include "backends/cuda/ops/cublaslt_product.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "backends/cuda/ops/cublaslt_descriptors.h"
#include "backends/cuda/ops/grid.h"

namespace mpsbench::cuda {

namespace {

const char* precision(const Product& product, bool tf32) {
  if (product.dtype == DType::f32) return tf32 ? "tf32" : "f32";
  return product.dtype == DType::f64 ? "f64" : "f32 sums";
}

/** The candidates of the product as its operands are stored. */
std::vector<Candidate> storedCandidates(Lowering& lowering, const Product& product) {
  Context& context = lowering.context();
  const auto descriptors = std::make_shared<const ProductDescriptors>(context, product);
  std::vector<Candidate> candidates;
  for (const auto& result : descriptors->algorithms()) {
    std::string name = std::string("cublasLtMatmul ") + precision(product, context.facts().tf32) +
                       " (" + descriptors->describe(result.algo) + ")";
    const auto workspace = result.workspaceSize > 0 ? lowering.workspace() : nullptr;
    candidates.push_back({std::move(name), [descriptors, workspace, product,
                                            algorithm = result.algo](CUstream stream) {
                            descriptors->run(product, algorithm, workspace.get(), stream);
                          }});
  }
  return candidates;
}

/** Edge of the tiles of transpose.cu. */
constexpr std::int64_t kTile = 64;

/** An operand copied with its two axes exchanged. */
struct Transposed {
  std::shared_ptr<DeviceBuffer> buffer;
  Launch launch;
};

Transposed transposed(Lowering& lowering, DType dtype, CUdeviceptr from, std::int64_t rows,
                      std::int64_t columns) {
  constexpr unsigned kRowThreads = 4;
  auto buffer = lowering.scratch(static_cast<std::size_t>(rows * columns) * sizeOf(dtype));
  LaunchShape shape;
  shape.block = {static_cast<unsigned>(kTile), kRowThreads, 1};
  shape.grid = {blocksFor(columns, kTile), static_cast<unsigned>(ceilDivide(rows, kTile)), 1};
  const Kernel kernel =
      lowering.kernel("transpose.cu",
                      {std::string("-DTYPE=") + cudaType(dtype), "-DTILE=" + std::to_string(kTile),
                       "-DROW_THREADS=" + std::to_string(kRowThreads)},
                      "transpose");
  const CUdeviceptr to = buffer->address();
  return {std::move(buffer), Launch(kernel, shape, from, to, rows, columns)};
}

/** Operands are transposed first where that is a small part of the work. */
constexpr std::int64_t kLongInner = 1024;

/**
 * Hopper's tensor cores take TF32 factors only as rows along the sum; where a factor is stored the
 * other way, copying it first can be faster than the kernels that take it as it is.
 */
std::vector<Candidate> transposingCandidates(Lowering& lowering, const Product& product) {
  const bool tf32 = product.dtype == DType::f32 && lowering.facts().tf32;
  const bool suits = !product.transposeA && product.transposeB;
  const std::int64_t shortest = std::min({product.rows, product.columns, product.inner});
  const std::int64_t longest = std::max({product.rows, product.columns, product.inner});
  if (!tf32 || suits || shortest < kLongInner || ceilDivide(longest, kTile) > kMostGridY) return {};
  Product copied = product;
  std::vector<Transposed> copies;
  if (product.transposeA) {
    copies.push_back(transposed(lowering, product.dtype, product.a, product.inner, product.rows));
    copied.a = copies.back().buffer->address();
    copied.transposeA = false;
  }
  if (!product.transposeB) {
    copies.push_back(
        transposed(lowering, product.dtype, product.b, product.inner, product.columns));
    copied.b = copies.back().buffer->address();
    copied.transposeB = true;
  }
  std::vector<Candidate> candidates;
  for (Candidate& candidate : storedCandidates(lowering, copied)) {
    candidates.push_back({"transpose.cu, " + candidate.name,
                          [copies, run = std::move(candidate.enqueue)](CUstream stream) {
                            for (const Transposed& copy : copies) copy.launch(stream);
                            run(stream);
                          }});
  }
  return candidates;
}

}  // namespace

std::vector<Candidate> cublasLtCandidates(Lowering& lowering, const Product& product) {
  std::vector<Candidate> candidates = storedCandidates(lowering, product);
  try {
    for (Candidate& candidate : transposingCandidates(lowering, product)) {
      candidates.push_back(std::move(candidate));
    }
  } catch (const Error& error) {
    // There is no room for copies: the product runs without them.
    if (error.code() != ErrorCode::outOfMemory) throw;
  }
  return candidates;
}

}  // namespace mpsbench::cuda
