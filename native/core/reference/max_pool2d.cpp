#include <cmath>

#include "core/reference/kernels.h"

namespace mpsbench::reference {

template <class T>
void maxPool2d(const OpSpec& op, std::span<const ConstView> inputs, View output) {
  const ConstView x = inputs[0];
  const Shape& in = *x.shape;
  const Shape& out = *output.shape;
  std::size_t at = 0;
  for (std::int64_t image = 0; image < out[0]; ++image) {
    for (std::int64_t row = 0; row < out[1]; ++row) {
      for (std::int64_t column = 0; column < out[2]; ++column) {
        for (std::int64_t c = 0; c < out[3]; ++c) {
          double largest = -HUGE_VAL;
          for (std::int64_t i = 0; i < op.window[0]; ++i) {
            for (std::int64_t j = 0; j < op.window[1]; ++j) {
              const std::int64_t y = row * op.strides[0] + i;
              const std::int64_t z = column * op.strides[1] + j;
              const auto pixel = static_cast<std::size_t>((image * in[1] + y) * in[2] + z);
              const double value =
                  load<T>(x, pixel * static_cast<std::size_t>(in[3]) + static_cast<std::size_t>(c));
              if (value > largest || std::isnan(value)) largest = value;
            }
          }
          store<T>(output, at++, largest);
        }
      }
    }
  }
}

MPSBENCH_REFERENCE_KERNEL(maxPool2d);

}  // namespace mpsbench::reference
