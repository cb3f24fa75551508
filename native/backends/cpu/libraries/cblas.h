#pragma once

#include <string>

#ifdef __APPLE__
#include <Availability.h>
// The interface that replaces the one deprecated in macOS 13.3 is not there before: a build for an
// older macOS would start on it, and end at the first call.
#if __MAC_OS_X_VERSION_MIN_REQUIRED >= 130300 && !defined(ACCELERATE_NEW_LAPACK)
#define ACCELERATE_NEW_LAPACK
#endif
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
#endif

/** The library's gemm for float and double under one name. */
namespace mpsbench::cpu {

namespace detail {

struct GemmShape {
  CBLAS_TRANSPOSE left, right;
  int m, n, k;
  int lda, ldb;
};

// No templates: in those, clang does not check whether the oldest macOS has what is called.
inline void gemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta,
                 float* c) {
  cblas_sgemm(CblasRowMajor, s.left, s.right, s.m, s.n, s.k, alpha, a, s.lda, b, s.ldb, beta, c,
              s.n);
}

inline void gemm(const GemmShape& s, double alpha, const double* a, const double* b, double beta,
                 double* c) {
  cblas_dgemm(CblasRowMajor, s.left, s.right, s.m, s.n, s.k, alpha, a, s.lda, b, s.ldb, beta, c,
              s.n);
}

}  // namespace detail

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
    const detail::GemmShape shape = {.left = transposeA ? CblasTrans : CblasNoTrans,
                                     .right = transposeB ? CblasTrans : CblasNoTrans,
                                     .m = m,
                                     .n = n,
                                     .k = k,
                                     .lda = transposeA ? m : k,
                                     .ldb = transposeB ? k : n};
    detail::gemm(shape, alpha, a, b, beta, c);
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
