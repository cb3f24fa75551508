#include "core/reference/kernels.h"

namespace mpsbench::reference {

namespace {

template <class T>
double meanSquaredError(ConstView prediction, ConstView target) {
  const std::size_t count = elements(*prediction.shape);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double difference = load<T>(prediction, i) - load<T>(target, i);
    sum += difference * difference;
  }
  return sum / static_cast<double>(count);
}

template <class T>
double columnSum(ConstView x, std::size_t rows, std::size_t columns, std::size_t column) {
  double sum = 0;
  for (std::size_t row = 0; row < rows; ++row) sum += load<T>(x, row * columns + column);
  return sum;
}

}  // namespace

template <class T>
void reduce(const OpSpec& op, std::span<const ConstView> inputs, View output) {
  if (op.kind == OpKind::mseLoss) {
    return store<T>(output, 0, meanSquaredError<T>(inputs[0], inputs[1]));
  }
  const std::size_t columns = elements(*output.shape);
  const std::size_t rows = elements(*inputs[0].shape) / columns;
  for (std::size_t column = 0; column < columns; ++column) {
    store<T>(output, column, columnSum<T>(inputs[0], rows, columns, column));
  }
}

MPSBENCH_REFERENCE_KERNEL(reduce);

}  // namespace mpsbench::reference
