#include <cblas.h>

#include "state.h"

namespace mpsbench::fakes {

OpenBlas& openBlas() {
  static OpenBlas state;
  return state;
}

namespace {

template <class T>
void gemm(CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, int m, int n, int k, T alpha, const T* a,
          int lda, const T* b, int ldb, T beta, T* c, int ldc) {
  OpenBlas& state = openBlas();
  ++state.calls;
  const int threads = state.threads;
  for (int most = state.mostThreads; most < threads;) {
    if (state.mostThreads.compare_exchange_weak(most, threads)) break;
  }
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      T sum = 0;
      for (int l = 0; l < k; ++l) {
        sum += (left == CblasTrans ? a[l * lda + i] : a[i * lda + l]) *
               (right == CblasTrans ? b[j * ldb + l] : b[l * ldb + j]);
      }
      T& result = c[i * ldc + j];
      result = alpha * sum + (beta == 0 ? 0 : beta * result);
    }
  }
}

}  // namespace
}  // namespace mpsbench::fakes

void cblas_sgemm(CBLAS_ORDER /*order*/, CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, int m, int n,
                 int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                 float* c, int ldc) {
  mpsbench::fakes::gemm(left, right, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_dgemm(CBLAS_ORDER /*order*/, CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, int m, int n,
                 int k, double alpha, const double* a, int lda, const double* b, int ldb,
                 double beta, double* c, int ldc) {
  mpsbench::fakes::gemm(left, right, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void openblas_set_num_threads(int threads) {
  mpsbench::fakes::openBlas().threads = threads;
}

int openblas_get_parallel() {
  return 1;
}
