#pragma once

#include <array>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "backends/cuda/driver/buffer.h"
#include "backends/cuda/driver/context.h"
#include "backends/cuda/ops/cublaslt_product.h"

namespace mpsbench::cuda {

/**
 * A product as cuBLASLt sees it. It counts columns first, so a row-major matrix is its transpose
 * there, and D^T = op(B)^T op(A)^T: its first factor is our second.
 */
class ProductDescriptors {
 public:
  /** @throws Error, MissingLibrary */
  ProductDescriptors(Context& context, const Product& product);

  /** The algorithms that fit the workspace, the most promising first. */
  [[nodiscard]] std::vector<cublasLtMatmulHeuristicResult_t> algorithms() const;
  /** @param workspace nullptr if the algorithm needs none @throws Error */
  void run(const Product& product, const cublasLtMatmulAlgo_t& algorithm,
           const DeviceBuffer* workspace, CUstream stream) const;
  /** As the placement table shows it, for example `algorithm 66, tile 128x128, split-k 4`. */
  [[nodiscard]] std::string describe(const cublasLtMatmulAlgo_t& algorithm) const;

 private:
  template <class Handle>
  using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, cublasStatus_t (*)(Handle)>;
  using Layout = Owned<cublasLtMatrixLayout_t>;

  template <class Value>
  void set(cublasLtMatmulDescAttributes_t attribute, Value value) {
    library_.check(
        library_.cublasLtMatmulDescSetAttribute(operation_.get(), attribute, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
  }

  /** Of an operand that is rows x columns once the transposition is done. */
  [[nodiscard]] Layout layout(bool transposed, std::int64_t rows, std::int64_t columns) const;
  void setScale(std::size_t index, double value);
  [[nodiscard]] const void* scale(std::size_t index) const;
  [[nodiscard]] int config(const cublasLtMatmulAlgo_t& algorithm,
                           cublasLtMatmulAlgoConfigAttributes_t attribute) const;

  cublasLtHandle_t handle_;
  const CublasLt& library_;
  DType dtype_;
  Owned<cublasLtMatmulDesc_t> operation_;
  Layout first_;
  Layout second_;
  Layout result_;
  // alpha and beta in the type of the sums.
  std::array<double, 2> doubles_{};
  std::array<float, 2> floats_{};
};

}  // namespace mpsbench::cuda
