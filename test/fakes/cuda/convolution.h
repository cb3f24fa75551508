#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/** Tensors by their strides, and the convolution that the fake cuDNN and windows.cu's formula
 * share. */
namespace mpsbench::cuda::fake {

/** Of a tensor: batch, channels, height, width. Of filters: outputs, inputs, height, width. */
using Axes = std::array<std::int64_t, 4>;

struct Layout {
  Axes size;
  Axes stride;

  /** The element at this place; an axis of one element has it everywhere. */
  [[nodiscard]] std::int64_t at(const Axes& place) const {
    std::int64_t element = 0;
    for (std::size_t i = 0; i < 4; ++i) element += size[i] == 1 ? 0 : place[i] * stride[i];
    return element;
  }
  /** How many elements lie from the first to the last. */
  [[nodiscard]] std::int64_t extent() const {
    return 1 + at({size[0] - 1, size[1] - 1, size[2] - 1, size[3] - 1});
  }
};

template <class Value>
struct Strided {
  Value* data;
  Layout layout;

  Value& operator[](const Axes& place) const { return data[layout.at(place)]; }
};

template <class Each>
void forEachPlace(const Axes& size, const Each& each) {
  Axes p{};
  for (p[0] = 0; p[0] < size[0]; ++p[0]) {
    for (p[1] = 0; p[1] < size[1]; ++p[1]) {
      for (p[2] = 0; p[2] < size[2]; ++p[2]) {
        for (p[3] = 0; p[3] < size[3]; ++p[3]) each(p);
      }
    }
  }
}

/** Where windows lie, by height and width. */
struct Windows {
  std::array<std::int64_t, 2> strides;
  std::array<std::int64_t, 2> before;
};

/** y = x * filters + added, as a cross-correlation. */
template <class Value>
void convolve(const Strided<Value>& x, const Strided<Value>& filters, const Strided<Value>& y,
              const Windows& windows, double added) {
  const Axes& in = x.layout.size;
  forEachPlace(y.layout.size, [&](const Axes& place) {
    double sum = added;
    const auto& window = filters.layout.size;
    forEachPlace({1, window[1], window[2], window[3]}, [&](const Axes& tap) {
      const std::int64_t row = place[2] * windows.strides[0] + tap[2] - windows.before[0];
      const std::int64_t column = place[3] * windows.strides[1] + tap[3] - windows.before[1];
      if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) return;
      sum += static_cast<double>(x[{place[0], tap[1], row, column}]) *
             static_cast<double>(filters[{place[1], tap[1], tap[2], tap[3]}]);
    });
    y[place] = static_cast<Value>(sum);
  });
}

}  // namespace mpsbench::cuda::fake
