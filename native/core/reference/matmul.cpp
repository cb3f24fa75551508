#include "core/reference/kernels.h"

namespace mpsbench::reference {

template <class T>
void matmul(const OpSpec& op, std::span<const ConstView> inputs, View output) {
  const std::vector<double> a = decoded<T>(inputs[0]);
  const std::vector<double> b = decoded<T>(inputs[1]);
  const auto m = static_cast<std::size_t>((*output.shape)[0]);
  const auto n = static_cast<std::size_t>((*output.shape)[1]);
  const std::size_t k = a.size() / m;
  std::vector<double> row(n);
  for (std::size_t i = 0; i < m; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (std::size_t p = 0; p < k; ++p) {
      const double left = a[op.transposeA ? p * m + i : i * k + p];
      if (op.transposeB) {
        for (std::size_t j = 0; j < n; ++j) row[j] += left * b[j * k + p];
      } else {
        for (std::size_t j = 0; j < n; ++j) row[j] += left * b[p * n + j];
      }
    }
    for (std::size_t j = 0; j < n; ++j) store<T>(output, i * n + j, row[j]);
  }
}

MPSBENCH_REFERENCE_KERNEL(matmul);

}  // namespace mpsbench::reference
