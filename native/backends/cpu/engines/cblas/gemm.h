#pragma once

#include <string>

#ifdef __APPLE__
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
#endif

/** The library's gemm for float and double under one name. */
namespace mpsbench::cpu {

/** C[m,n] = alpha op(A) op(B) + beta C, row-major and dense. */
template <class T>
struct Gemm {
  bool transposeA = false;
  bool transposeB = false;
  int m = 0;
  int n = 0;
  int k = 0;
  T alpha = 1;
  T beta = 0;

  void operator()(const T* a, const T* b, T* c) const {
    const auto left = transposeA ? CblasTrans : CblasNoTrans;
    const auto right = transposeB ? CblasTrans : CblasNoTrans;
    const int lda = transposeA ? m : k;
    const int ldb = transposeB ? k : n;
    if constexpr (sizeof(T) == sizeof(double)) {
      cblas_dgemm(CblasRowMajor, left, right, m, n, k, alpha, a, lda, b, ldb, beta, c, n);
    } else {
      cblas_sgemm(CblasRowMajor, left, right, m, n, k, alpha, a, lda, b, ldb, beta, c, n);
    }
  }
};

/** `sgemm` or `dgemm`. */
template <class T>
constexpr const char* gemmName() {
  return sizeof(T) == sizeof(double) ? "dgemm" : "sgemm";
}

/** The library with its version, for example `OpenBLAS 0.3.21`. */
inline std::string cblasName() {
#if defined(__APPLE__)
  return "Accelerate";
#elif defined(OPENBLAS_VERSION)
  // The macro reads ` OpenBLAS 0.3.21 `.
  std::string text = OPENBLAS_VERSION;
  const auto first = text.find_first_not_of(' ');
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
#else
  return "CBLAS";
#endif
}

}  // namespace mpsbench::cpu
