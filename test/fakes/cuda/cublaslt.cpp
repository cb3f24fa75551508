#include <cstring>
#include <string>
#include <vector>

#include "state.h"

#define FAKE_LIBRARY "backends/cuda/driver/api/cublaslt.def"
#include "exports.h"

// A fake libcublasLt: one algorithm, plain loops, f32 and f64.
namespace mpsbench::cuda {

using fake::handleOf;
using fake::State;

namespace {

#define ENTER(call) \
  if (const int status = State::get().enter(call); status != 0) return cublasStatus_t(status)

struct Operation {
  std::int32_t transposeA = CUBLAS_OP_N;
  std::int32_t transposeB = CUBLAS_OP_N;
  std::uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  CUdeviceptr bias = 0;
};
struct Layout {
  cudaDataType_t type;
  std::uint64_t rows;
  std::uint64_t columns;
  std::int64_t leading;
};

fake::Objects<Operation>& operations() {
  static fake::Objects<Operation> all;
  return all;
}
fake::Objects<Layout>& layouts() {
  static fake::Objects<Layout> all;
  return all;
}

/** Element (row, column) of op(matrix), stored by columns. */
template <class Value>
double at(const Value* matrix, const Layout& layout, bool transposed, std::size_t row,
          std::size_t column) {
  if (transposed) std::swap(row, column);
  return static_cast<double>(matrix[row + column * static_cast<std::size_t>(layout.leading)]);
}

struct Factors {
  Operation operation;
  Layout a;
  Layout b;
  Layout d;
  CUdeviceptr aAt;
  CUdeviceptr bAt;
  CUdeviceptr cAt;
  CUdeviceptr dAt;
};

template <class Value>
const Value* read(CUdeviceptr address, std::size_t count) {
  const void* bytes = State::get().bytesAt(address, count * sizeof(Value));
  if (bytes == nullptr) State::get().violation("a product reads memory that is not allocated");
  return static_cast<const Value*>(bytes);
}

template <class Value>
Value* write(CUdeviceptr address, std::size_t count) {
  void* bytes = State::get().bytesAt(address, count * sizeof(Value));
  if (bytes == nullptr) State::get().violation("a product writes memory that is not allocated");
  return static_cast<Value*>(bytes);
}

std::size_t elements(const Layout& layout) {
  return layout.columns * static_cast<std::size_t>(layout.leading);
}

template <class Value>
void multiply(const Factors& f, Value alpha, Value beta) {
  const bool ta = f.operation.transposeA == CUBLAS_OP_T;
  const bool tb = f.operation.transposeB == CUBLAS_OP_T;
  const Value* a = read<Value>(f.aAt, elements(f.a));
  const Value* b = read<Value>(f.bAt, elements(f.b));
  const Value* c = beta == 0 ? nullptr : read<Value>(f.cAt, elements(f.d));
  Value* d = write<Value>(f.dAt, elements(f.d));
  if (a == nullptr || b == nullptr || d == nullptr) return;
  const std::size_t inner = ta ? f.a.rows : f.a.columns;
  const bool addsBias = f.operation.epilogue == CUBLASLT_EPILOGUE_BIAS ||
                        f.operation.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
  const bool relu = f.operation.epilogue == CUBLASLT_EPILOGUE_RELU ||
                    f.operation.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
  const Value* bias = addsBias ? read<Value>(f.operation.bias, f.d.rows) : nullptr;
  const auto wrong = static_cast<double>(State::get().script.number("wrong", 0));
  for (std::size_t column = 0; column < f.d.columns; ++column) {
    for (std::size_t row = 0; row < f.d.rows; ++row) {
      double sum = 0;
      for (std::size_t k = 0; k < inner; ++k) {
        sum += at(a, f.a, ta, row, k) * at(b, f.b, tb, k, column);
      }
      const std::size_t place = row + column * static_cast<std::size_t>(f.d.leading);
      double value = static_cast<double>(alpha) * sum + wrong;
      if (c != nullptr) value += static_cast<double>(beta) * static_cast<double>(c[place]);
      if (bias != nullptr) value += static_cast<double>(bias[row]);
      d[place] = static_cast<Value>(relu && value < 0 ? 0 : value);
    }
  }
}

}  // namespace

std::size_t cublasLtGetVersion() {
  return static_cast<std::size_t>(State::get().script.number("cublas", 130100));
}

const char* cublasLtGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED:
      return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_ARCH_MISMATCH:
      return "CUBLAS_STATUS_ARCH_MISMATCH";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    default:
      return "CUBLAS_STATUS_FAKE";
  }
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  ENTER("cublasLtCreate");
  *handle = handleOf<cublasLtHandle_t>(State::get().handles.make("cuBLASLt"));
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  ENTER("cublasLtDestroy");
  if (!State::get().handles.erase(handle)) State::get().violation("cuBLASLt was destroyed twice");
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* descriptor, cublasComputeType_t,
                                        cudaDataType_t) {
  ENTER("cublasLtMatmulDescCreate");
  *descriptor = handleOf<cublasLtMatmulDesc_t>(operations().make());
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t descriptor) {
  ENTER("cublasLtMatmulDescDestroy");
  operations().erase(descriptor);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t descriptor,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t bytes) {
  ENTER("cublasLtMatmulDescSetAttribute");
  Operation* operation = operations().find(descriptor);
  if (operation == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  const auto set = [&](auto& field) {
    if (bytes != sizeof field) return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(&field, value, bytes);
    return CUBLAS_STATUS_SUCCESS;
  };
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return set(operation->transposeA);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return set(operation->transposeB);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return set(operation->epilogue);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return set(operation->bias);
    default:
      return CUBLAS_STATUS_SUCCESS;
  }
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t leading) {
  ENTER("cublasLtMatrixLayoutCreate");
  if (leading < static_cast<std::int64_t>(rows)) return CUBLAS_STATUS_INVALID_VALUE;
  *layout = handleOf<cublasLtMatrixLayout_t>(layouts().make(type, rows, columns, leading));
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  ENTER("cublasLtMatrixLayoutDestroy");
  layouts().erase(layout);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  ENTER("cublasLtMatmulPreferenceCreate");
  *preference = handleOf<cublasLtMatmulPreference_t>(State::get().handles.make("preference"));
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  ENTER("cublasLtMatmulPreferenceDestroy");
  State::get().handles.erase(preference);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t,
                                                    cublasLtMatmulPreferenceAttributes_t,
                                                    const void*, std::size_t) {
  ENTER("cublasLtMatmulPreferenceSetAttribute");
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t, int requested,
                                              cublasLtMatmulHeuristicResult_t* results,
                                              int* count) {
  ENTER("cublasLtMatmulAlgoGetHeuristic");
  const Layout* layout = layouts().find(a);
  const bool known =
      layout != nullptr && (layout->type == CUDA_R_32F || layout->type == CUDA_R_64F);
  *count = known && requested > 0 ? 1 : 0;
  if (*count == 0) return CUBLAS_STATUS_NOT_SUPPORTED;
  results[0] = {};
  results[0].state = CUBLAS_STATUS_SUCCESS;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t*,
                                                    cublasLtMatmulAlgoConfigAttributes_t,
                                                    void* value, std::size_t bytes,
                                                    std::size_t* written) {
  ENTER("cublasLtMatmulAlgoConfigGetAttribute");
  std::memset(value, 0, bytes);
  if (written != nullptr) *written = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t descriptor, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t aLayout, const void* b,
                              cublasLtMatrixLayout_t bLayout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t, void* d, cublasLtMatrixLayout_t dLayout,
                              const cublasLtMatmulAlgo_t*, void*, std::size_t, CUstream stream) {
  ENTER("cublasLtMatmul");
  const Operation* operation = operations().find(descriptor);
  const Layout* layout[] = {layouts().find(aLayout), layouts().find(bLayout),
                            layouts().find(dLayout)};
  if (operation == nullptr || !layout[0] || !layout[1] || !layout[2]) {
    State::get().violation("a product with a descriptor that does not exist");
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const auto address = [](const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); };
  const Factors factors{*operation, *layout[0], *layout[1], *layout[2],
                        address(a), address(b), address(c), address(d)};
  if (layout[0]->type == CUDA_R_64F) {
    State::get().enqueue(stream, [factors, scale = *static_cast<const double*>(alpha),
                                  old = *static_cast<const double*>(beta)] {
      multiply<double>(factors, scale, old);
    });
  } else {
    State::get().enqueue(
        stream, [factors, scale = *static_cast<const float*>(alpha),
                 old = *static_cast<const float*>(beta)] { multiply<float>(factors, scale, old); });
  }
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace mpsbench::cuda
