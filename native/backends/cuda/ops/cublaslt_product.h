#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/lowering.h"

namespace mpsbench::cuda {

/**
 * D = alpha * op(A) op(B) + beta * D, row-major: op(A) is rows x inner, op(B) inner x columns, and
 * both are stored without gaps, transposed or not.
 */
struct Product {
  DType dtype = DType::f32;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t inner = 0;
  bool transposeA = false;
  bool transposeB = false;
  CUdeviceptr a = 0;
  CUdeviceptr b = 0;
  CUdeviceptr d = 0;
  double alpha = 1;
  double beta = 0;
  /** Added to each row of the product: `columns` values; 0 for none. */
  CUdeviceptr bias = 0;
  bool relu = false;
};

/**
 * Ways of cuBLASLt to do the product, the ones that its heuristics think fastest first; none if
 * the library has none. f32 in full precision unless the device was opened with TF32;
 * f16 and bf16 with f32 sums.
 * @throws MissingLibrary
 */
std::vector<Candidate> cublasLtCandidates(Lowering& lowering, const Product& product);

}  // namespace mpsbench::cuda
