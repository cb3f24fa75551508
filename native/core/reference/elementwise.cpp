#include <algorithm>

#include "core/reference/kernels.h"

namespace mpsbench::reference {

template <class T>
void elementwise(const OpSpec& op, std::span<const ConstView> inputs, View output) {
  const ConstView a = inputs[0];
  const ConstView b = inputs.back();
  const std::size_t count = elements(*output.shape);
  const auto each = [&](auto formula) {
    for (std::size_t i = 0; i < count; ++i) store<T>(output, i, formula(i));
  };
  switch (op.kind) {
    case OpKind::add:
      return each([&](std::size_t i) { return load<T>(a, i) + load<T>(b, i); });
    case OpKind::sub:
      return each([&](std::size_t i) { return load<T>(a, i) - load<T>(b, i); });
    case OpKind::mul:
      return each([&](std::size_t i) { return load<T>(a, i) * load<T>(b, i); });
    case OpKind::biasAdd: {
      const std::size_t channels = elements(*b.shape);
      return each([&](std::size_t i) { return load<T>(a, i) + load<T>(b, i % channels); });
    }
    case OpKind::relu:
      return each([&](std::size_t i) {
        const double value = load<T>(a, i);
        return value < 0 ? 0 : value;  // NaN stays NaN
      });
    case OpKind::mseGrad: {
      const double scale = 2 / static_cast<double>(count);
      return each([&](std::size_t i) { return scale * (load<T>(a, i) - load<T>(b, i)); });
    }
    case OpKind::sgdUpdate:
      return each([&](std::size_t i) { return load<T>(a, i) - op.learningRate * load<T>(b, i); });
    default:
      return;
  }
}

MPSBENCH_REFERENCE_KERNEL(elementwise);

}  // namespace mpsbench::reference
