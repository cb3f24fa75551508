#include "core/reference/kernels.h"

namespace mpsbench::reference {

template <class T>
void conv2d(const OpSpec& op, std::span<const ConstView> inputs, View output) {
  const ConstView x = inputs[0];
  const std::vector<double> filters = decoded<T>(inputs[1]);
  const Shape& in = *x.shape;              // n, h, w, c
  const Shape& window = *inputs[1].shape;  // kh, kw, c, f
  const Shape& out = *output.shape;        // n, oh, ow, f
  const std::int64_t padTop = windowAxis(in[1], window[0], op.strides[0], op.padding).padBefore;
  const std::int64_t padLeft = windowAxis(in[2], window[1], op.strides[1], op.padding).padBefore;
  const auto channels = static_cast<std::size_t>(in[3]);
  const auto features = static_cast<std::size_t>(window[3]);
  std::vector<double> sums(features);
  std::size_t at = 0;
  for (std::int64_t image = 0; image < out[0]; ++image) {
    for (std::int64_t row = 0; row < out[1]; ++row) {
      for (std::int64_t column = 0; column < out[2]; ++column) {
        std::fill(sums.begin(), sums.end(), 0.0);
        for (std::int64_t i = 0; i < window[0]; ++i) {
          for (std::int64_t j = 0; j < window[1]; ++j) {
            const std::int64_t y = row * op.strides[0] + i - padTop;
            const std::int64_t z = column * op.strides[1] + j - padLeft;
            if (y < 0 || y >= in[1] || z < 0 || z >= in[2]) continue;
            const auto pixel = static_cast<std::size_t>((image * in[1] + y) * in[2] + z);
            const auto tap = static_cast<std::size_t>(i * window[1] + j);
            for (std::size_t c = 0; c < channels; ++c) {
              const double value = load<T>(x, pixel * channels + c);
              for (std::size_t f = 0; f < features; ++f) {
                sums[f] += value * filters[(tap * channels + c) * features + f];
              }
            }
          }
        }
        for (const double sum : sums) store<T>(output, at++, sum);
      }
    }
  }
}

MPSBENCH_REFERENCE_KERNEL(conv2d);

}  // namespace mpsbench::reference
