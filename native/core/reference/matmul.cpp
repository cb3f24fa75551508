#include <vector>

#include "core/reference/kernels.h"

namespace mpsbench::reference {

template <class T>
void matmul(const OpSpec& op, std::span<const ConstView> inputs, View output) {
  const ConstView a = inputs[0];
  const ConstView b = inputs[1];
  const auto m = static_cast<std::size_t>((*output.shape)[0]);
  const auto n = static_cast<std::size_t>((*output.shape)[1]);
  const std::size_t k = elements(*a.shape) / m;
  std::vector<double> row(n);
  for (std::size_t i = 0; i < m; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (std::size_t p = 0; p < k; ++p) {
      const double left = load<T>(a, op.transposeA ? p * m + i : i * k + p);
      for (std::size_t j = 0; j < n; ++j) {
        row[j] += left * load<T>(b, op.transposeB ? j * k + p : p * n + j);
      }
    }
    for (std::size_t j = 0; j < n; ++j) store<T>(output, i * n + j, row[j]);
  }
}

MPSBENCH_REFERENCE_KERNEL(matmul);

}  // namespace mpsbench::reference
