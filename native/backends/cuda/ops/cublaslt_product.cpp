#include "backends/cuda/ops/cublaslt_product.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

namespace mpsbench::cuda {

namespace {

/** How many algorithms are tried; the heuristics' first is seldom the fastest, the tenth never. */
constexpr int kTried = 8;

/** As cublasLt.h names its tiles (CUBLASLT_MATMUL_TILE_...), from 1 on. */
constexpr const char* kTiles[] = {
    "8x8",    "8x16",    "16x8",    "8x32",    "16x16",   "32x8",    "8x64",   "16x32",  "32x16",
    "64x8",   "32x32",   "32x64",   "64x32",   "32x128",  "64x64",   "128x32", "64x128", "128x64",
    "64x256", "128x128", "256x64",  "64x512",  "128x256", "256x128", "512x64", "64x96",  "96x64",
    "96x128", "128x160", "160x128", "192x128", "128x192", "128x96",  "32x256", "256x32"};

/** A tile beyond the table keeps its number. */
std::string tileName(int id) {
  const bool known = id >= 1 && id <= static_cast<int>(std::size(kTiles));
  return known ? kTiles[id - 1] : "number " + std::to_string(id);
}

cudaDataType_t dataType(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return CUDA_R_16F;
    case DType::bf16:
      return CUDA_R_16BF;
    case DType::f64:
      return CUDA_R_64F;
    case DType::f32:
      break;
  }
  return CUDA_R_32F;
}

cublasComputeType_t computeType(DType dtype, bool tf32) {
  if (dtype == DType::f64) return CUBLAS_COMPUTE_64F;
  return dtype == DType::f32 && tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

cublasLtEpilogue_t epilogue(const Product& product) {
  if (product.columnSums != 0) return CUBLASLT_EPILOGUE_BGRADA;
  if (product.bias != 0) {
    return product.relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
  }
  return product.relu ? CUBLASLT_EPILOGUE_RELU : CUBLASLT_EPILOGUE_DEFAULT;
}

/**
 * The product as cuBLASLt sees it. It counts columns first, so a row-major matrix is its transpose
 * there, and D^T = op(B)^T op(A)^T: its first factor is our second.
 */
class Descriptors {
 public:
  Descriptors(Context& context, const Product& product)
      : handle_(context.cublasLt()),
        library_(*context.libraries().cublasLt().get()),
        dtype_(product.dtype) {
    const bool twice = dtype_ == DType::f64;
    library_.check(
        library_.cublasLtMatmulDescCreate(&operation_, computeType(dtype_, context.tf32()),
                                          twice ? CUDA_R_64F : CUDA_R_32F),
        "cublasLtMatmulDescCreate");
    set(CUBLASLT_MATMUL_DESC_TRANSA, std::int32_t{product.transposeB ? CUBLAS_OP_T : CUBLAS_OP_N});
    set(CUBLASLT_MATMUL_DESC_TRANSB, std::int32_t{product.transposeA ? CUBLAS_OP_T : CUBLAS_OP_N});
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(epilogue(product)));
    const CUdeviceptr vector = product.columnSums != 0 ? product.columnSums : product.bias;
    if (vector != 0) set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, pointer(vector));
    first_ = layout(product.transposeB, product.columns, product.inner);
    second_ = layout(product.transposeA, product.inner, product.rows);
    result_ = layout(false, product.columns, product.rows);
    setScale(0, product.alpha);
    setScale(1, product.beta);
  }
  ~Descriptors() {
    for (const cublasLtMatrixLayout_t layout : {first_, second_, result_}) {
      if (layout != nullptr) library_.cublasLtMatrixLayoutDestroy(layout);
    }
    if (operation_ != nullptr) library_.cublasLtMatmulDescDestroy(operation_);
  }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;

  /** The algorithms that fit the workspace, the most promising first. */
  [[nodiscard]] std::vector<cublasLtMatmulHeuristicResult_t> algorithms() const {
    cublasLtMatmulPreference_t preference = nullptr;
    library_.check(library_.cublasLtMatmulPreferenceCreate(&preference),
                   "cublasLtMatmulPreferenceCreate");
    const std::uint64_t workspace = Lowering::kWorkspaceBytes;
    std::array<cublasLtMatmulHeuristicResult_t, kTried> found{};
    int count = 0;
    cublasStatus_t status = library_.cublasLtMatmulPreferenceSetAttribute(
        preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace);
    if (status == CUBLAS_STATUS_SUCCESS) {
      status = library_.cublasLtMatmulAlgoGetHeuristic(handle_, operation_, first_, second_,
                                                       result_, result_, preference, kTried,
                                                       found.data(), &count);
    }
    library_.cublasLtMatmulPreferenceDestroy(preference);
    // That nothing fits is an answer: another candidate does the op.
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE) return {};
    library_.check(status, "cublasLtMatmulAlgoGetHeuristic");
    std::vector<cublasLtMatmulHeuristicResult_t> fit;
    for (int i = 0; i < count; ++i) {
      const auto& result = found[static_cast<std::size_t>(i)];
      if (result.state == CUBLAS_STATUS_SUCCESS) fit.push_back(result);
    }
    return fit;
  }

  /** @param workspace nullptr where the algorithm needs none */
  void run(const Product& product, const cublasLtMatmulAlgo_t& algorithm,
           const DeviceBuffer* workspace, CUstream stream) const {
    const CUdeviceptr address = workspace == nullptr ? 0 : workspace->address();
    const std::size_t bytes = workspace == nullptr ? 0 : workspace->bytes();
    library_.check(library_.cublasLtMatmul(handle_, operation_, scale(0), pointer(product.b),
                                           first_, pointer(product.a), second_, scale(1),
                                           pointer(product.d), result_, pointer(product.d), result_,
                                           &algorithm, pointer(address), bytes, stream),
                   "cublasLtMatmul");
  }

  /** As the placement table shows it, for example `algorithm 66, tile 128x128, split-k 4`. */
  [[nodiscard]] std::string describe(const cublasLtMatmulAlgo_t& algorithm) const {
    std::string text = "algorithm " + std::to_string(config(algorithm, CUBLASLT_ALGO_CONFIG_ID));
    const int tile = config(algorithm, CUBLASLT_ALGO_CONFIG_TILE_ID);
    if (tile != 0) text += ", tile " + tileName(tile);
    const int stages = config(algorithm, CUBLASLT_ALGO_CONFIG_STAGES_ID);
    if (stages != 0) text += ", stages " + std::to_string(stages);
    const int split = config(algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM);
    if (split > 1) text += ", split-k " + std::to_string(split);
    return text;
  }

 private:
  template <class Value>
  void set(cublasLtMatmulDescAttributes_t attribute, Value value) {
    library_.check(
        library_.cublasLtMatmulDescSetAttribute(operation_, attribute, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
  }

  /** Of an operand that is rows x columns once the transposition is done. */
  cublasLtMatrixLayout_t layout(bool transposed, std::int64_t rows, std::int64_t columns) {
    if (transposed) std::swap(rows, columns);
    cublasLtMatrixLayout_t made = nullptr;
    library_.check(library_.cublasLtMatrixLayoutCreate(&made, dataType(dtype_),
                                                       static_cast<std::uint64_t>(rows),
                                                       static_cast<std::uint64_t>(columns), rows),
                   "cublasLtMatrixLayoutCreate");
    return made;
  }

  void setScale(std::size_t index, double value) {
    doubles_[index] = value;
    floats_[index] = static_cast<float>(value);
  }
  [[nodiscard]] const void* scale(std::size_t index) const {
    if (dtype_ == DType::f64) return &doubles_[index];
    return &floats_[index];
  }

  [[nodiscard]] int config(const cublasLtMatmulAlgo_t& algorithm,
                           cublasLtMatmulAlgoConfigAttributes_t attribute) const {
    int value = 0;
    std::size_t written = 0;
    library_.check(library_.cublasLtMatmulAlgoConfigGetAttribute(&algorithm, attribute, &value,
                                                                 sizeof value, &written),
                   "cublasLtMatmulAlgoConfigGetAttribute");
    return value;
  }

  cublasLtHandle_t handle_;
  const CublasLt& library_;
  DType dtype_;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t first_ = nullptr;
  cublasLtMatrixLayout_t second_ = nullptr;
  cublasLtMatrixLayout_t result_ = nullptr;
  std::array<double, 2> doubles_{};
  std::array<float, 2> floats_{};
};

const char* precision(const Product& product, bool tf32) {
  if (product.dtype == DType::f32) return tf32 ? "tf32" : "f32";
  return product.dtype == DType::f64 ? "f64" : "f32 sums";
}

/** The candidates of the product as its operands are stored. */
std::vector<Candidate> storedCandidates(Lowering& lowering, const Product& product) {
  Context& context = lowering.context();
  const auto descriptors = std::make_shared<const Descriptors>(context, product);
  std::vector<Candidate> candidates;
  for (const auto& result : descriptors->algorithms()) {
    std::string name = std::string("cublasLtMatmul ") + precision(product, context.tf32()) + " (" +
                       descriptors->describe(result.algo) + ")";
    const auto workspace = result.workspaceSize > 0 ? lowering.workspace() : nullptr;
    candidates.push_back({std::move(name), [descriptors, workspace, product,
                                            algorithm = result.algo](CUstream stream) {
                            descriptors->run(product, algorithm, workspace.get(), stream);
                          }});
  }
  return candidates;
}

/** An operand copied with its two axes exchanged. */
struct Transposed {
  std::shared_ptr<DeviceBuffer> buffer;
  Launch launch;
};

Transposed transposed(Lowering& lowering, DType dtype, CUdeviceptr from, std::int64_t rows,
                      std::int64_t columns) {
  // As in transpose.cu.
  constexpr std::int64_t kTile = 64;
  constexpr unsigned kRowThreads = 4;
  auto buffer = lowering.scratch(static_cast<std::size_t>(rows * columns) * sizeOf(dtype));
  LaunchShape shape;
  shape.block = {static_cast<unsigned>(kTile), kRowThreads, 1};
  shape.grid = {static_cast<unsigned>((columns + kTile - 1) / kTile),
                static_cast<unsigned>((rows + kTile - 1) / kTile), 1};
  const Kernel kernel =
      lowering.kernel("transpose.cu", {std::string("-DTYPE=") + cudaType(dtype)}, "transpose");
  const CUdeviceptr to = buffer->address();
  return {std::move(buffer), Launch(kernel, shape, from, to, rows, columns)};
}

/** Operands are transposed first where that is a small part of the work. */
constexpr std::int64_t kLongInner = 1024;
constexpr std::int64_t kMostRowBlocks = 65535;

/**
 * Hopper's tensor cores take TF32 factors only as rows along the sum; where a factor is stored the
 * other way, copying it first can be faster than the kernels that take it as it is.
 */
std::vector<Candidate> transposingCandidates(Lowering& lowering, const Product& product) {
  const bool tf32 = product.dtype == DType::f32 && lowering.tf32();
  const bool suits = !product.transposeA && product.transposeB;
  const std::int64_t shortest = std::min({product.rows, product.columns, product.inner});
  const std::int64_t longest = std::max({product.rows, product.columns, product.inner});
  if (!tf32 || suits || shortest < kLongInner || longest / 64 > kMostRowBlocks) return {};
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
  for (Candidate& candidate : transposingCandidates(lowering, product)) {
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace mpsbench::cuda
