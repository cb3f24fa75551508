#include <algorithm>
#include <cmath>

#include "core/reference/kernels.h"

namespace mpsbench::reference {

template <class T>
void softmax(const OpSpec& /*op*/, std::span<const ConstView> inputs, View output) {
  const ConstView x = inputs[0];
  const auto columns = static_cast<std::size_t>(output.shape->back());
  const std::size_t rows = elements(*output.shape) / columns;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t start = row * columns;
    double largest = -HUGE_VAL;
    for (std::size_t i = 0; i < columns; ++i) largest = std::max(largest, load<T>(x, start + i));
    double sum = 0;
    for (std::size_t i = 0; i < columns; ++i) sum += std::exp(load<T>(x, start + i) - largest);
    for (std::size_t i = 0; i < columns; ++i) {
      store<T>(output, start + i, std::exp(load<T>(x, start + i) - largest) / sum);
    }
  }
}

MPSBENCH_REFERENCE_KERNEL(softmax);

}  // namespace mpsbench::reference
