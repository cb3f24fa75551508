#include "backends/cuda/ops/cublaslt_descriptors.h"

#include <array>
#include <iterator>
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
  if (product.bias != 0) {
    return product.relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
  }
  return product.relu ? CUBLASLT_EPILOGUE_RELU : CUBLASLT_EPILOGUE_DEFAULT;
}

}  // namespace

ProductDescriptors::ProductDescriptors(Context& context, const Product& product)
    : handle_(context.cublasLt()),
      library_(*context.libraries().cublasLt().get()),
      dtype_(product.dtype),
      operation_(nullptr, library_.cublasLtMatmulDescDestroy),
      first_(layout(product.transposeB, product.columns, product.inner)),
      second_(layout(product.transposeA, product.inner, product.rows)),
      result_(layout(false, product.columns, product.rows)) {
  cublasLtMatmulDesc_t made = nullptr;
  library_.check(library_.cublasLtMatmulDescCreate(&made, computeType(dtype_, context.facts().tf32),
                                                   dtype_ == DType::f64 ? CUDA_R_64F : CUDA_R_32F),
                 "cublasLtMatmulDescCreate");
  operation_.reset(made);
  set(CUBLASLT_MATMUL_DESC_TRANSA, std::int32_t{product.transposeB ? CUBLAS_OP_T : CUBLAS_OP_N});
  set(CUBLASLT_MATMUL_DESC_TRANSB, std::int32_t{product.transposeA ? CUBLAS_OP_T : CUBLAS_OP_N});
  set(CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(epilogue(product)));
  if (product.bias != 0) set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, pointer(product.bias));
  setScale(0, product.alpha);
  setScale(1, product.beta);
}

std::vector<cublasLtMatmulHeuristicResult_t> ProductDescriptors::algorithms() const {
  cublasLtMatmulPreference_t preference = nullptr;
  library_.check(library_.cublasLtMatmulPreferenceCreate(&preference),
                 "cublasLtMatmulPreferenceCreate");
  const std::uint64_t workspace = Lowering::kWorkspaceBytes;
  std::array<cublasLtMatmulHeuristicResult_t, kTried> found{};
  int count = 0;
  cublasStatus_t status = library_.cublasLtMatmulPreferenceSetAttribute(
      preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace);
  if (status == CUBLAS_STATUS_SUCCESS) {
    status = library_.cublasLtMatmulAlgoGetHeuristic(handle_, operation_.get(), first_.get(),
                                                     second_.get(), result_.get(), result_.get(),
                                                     preference, kTried, found.data(), &count);
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

void ProductDescriptors::run(const Product& product, const cublasLtMatmulAlgo_t& algorithm,
                             const DeviceBuffer* workspace, CUstream stream) const {
  const CUdeviceptr address = workspace == nullptr ? 0 : workspace->address();
  const std::size_t bytes = workspace == nullptr ? 0 : workspace->bytes();
  library_.check(
      library_.cublasLtMatmul(handle_, operation_.get(), scale(0), pointer(product.b), first_.get(),
                              pointer(product.a), second_.get(), scale(1), pointer(product.d),
                              result_.get(), pointer(product.d), result_.get(), &algorithm,
                              pointer(address), bytes, stream),
      "cublasLtMatmul");
}

std::string ProductDescriptors::describe(const cublasLtMatmulAlgo_t& algorithm) const {
  std::string text = "algorithm " + std::to_string(config(algorithm, CUBLASLT_ALGO_CONFIG_ID));
  const int tile = config(algorithm, CUBLASLT_ALGO_CONFIG_TILE_ID);
  if (tile != 0) text += ", tile " + tileName(tile);
  const int stages = config(algorithm, CUBLASLT_ALGO_CONFIG_STAGES_ID);
  if (stages != 0) text += ", stages " + std::to_string(stages);
  const int split = config(algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM);
  if (split > 1) text += ", split-k " + std::to_string(split);
  return text;
}

ProductDescriptors::Layout ProductDescriptors::layout(bool transposed, std::int64_t rows,
                                                      std::int64_t columns) const {
  if (transposed) std::swap(rows, columns);
  cublasLtMatrixLayout_t made = nullptr;
  library_.check(
      library_.cublasLtMatrixLayoutCreate(&made, dataType(dtype_), static_cast<std::uint64_t>(rows),
                                          static_cast<std::uint64_t>(columns), rows),
      "cublasLtMatrixLayoutCreate");
  return {made, library_.cublasLtMatrixLayoutDestroy};
}

void ProductDescriptors::setScale(std::size_t index, double value) {
  doubles_[index] = value;
  floats_[index] = static_cast<float>(value);
}

const void* ProductDescriptors::scale(std::size_t index) const {
  if (dtype_ == DType::f64) return &doubles_[index];
  return &floats_[index];
}

int ProductDescriptors::config(const cublasLtMatmulAlgo_t& algorithm,
                               cublasLtMatmulAlgoConfigAttributes_t attribute) const {
  int value = 0;
  std::size_t written = 0;
  library_.check(library_.cublasLtMatmulAlgoConfigGetAttribute(&algorithm, attribute, &value,
                                                               sizeof value, &written),
                 "cublasLtMatmulAlgoConfigGetAttribute");
  return value;
}

}  // namespace mpsbench::cuda
