#pragma once

#include "call.h"
#include "convolution.h"

/** The formulas of the kernels around a convolution (kernels.h). */
namespace mpsbench::cuda::fake {

/** filter_layout.cu: filter_layout(from, to, taps, inputs, outputs). */
template <class Value>
Work filterLayout(Call& call) {
  const auto fromAt = call.next<CUdeviceptr>();
  const auto toAt = call.next<CUdeviceptr>();
  const std::int64_t taps = call.next<std::int32_t>();
  const std::int64_t inputs = call.next<std::int32_t>();
  const std::int64_t outputs = call.next<std::int32_t>();
  const auto* from = Call::arrayAt<Value>(fromAt, taps * inputs * outputs);
  auto* to = Call::arrayAt<Value>(toAt, taps * inputs * outputs);
  if (!from || !to) return nullptr;
  return [=] {
    for (std::int64_t output = 0; output < outputs; ++output) {
      for (std::int64_t i = 0; i < taps * inputs; ++i) {
        to[output * taps * inputs + i] = from[i * outputs + output];
      }
    }
  };
}

/** bias_add.cu: bias_add(x, bias, y, count, channels). */
template <class Value>
Work biasAdd(Call& call) {
  const auto xAt = call.next<CUdeviceptr>();
  const auto biasAt = call.next<CUdeviceptr>();
  const auto yAt = call.next<CUdeviceptr>();
  const auto count = call.next<std::int64_t>();
  const auto channels = call.next<std::int64_t>();
  const auto* x = Call::arrayAt<Value>(xAt, count);
  const auto* bias = Call::arrayAt<Value>(biasAt, channels);
  auto* y = Call::arrayAt<Value>(yAt, count);
  if (!x || !bias || !y) return nullptr;
  return [=] {
    for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] + bias[i % channels];
  };
}

/** windows.cu: conv2d(x, filters, to, window), with the window as it stands there. */
template <class Value>
Work conv2d(Call& call) {
  struct Window {
    std::int64_t outputs, height, width, channels, outHeight, outWidth, outChannels;
    std::int64_t windowY, windowX, strideY, strideX, padY, padX;
  };
  const auto xAt = call.next<CUdeviceptr>();
  const auto filtersAt = call.next<CUdeviceptr>();
  const auto yAt = call.next<CUdeviceptr>();
  const auto w = call.next<Window>();
  const std::int64_t batch = w.outputs / (w.outHeight * w.outWidth * w.outChannels);
  const auto channelsLast = [&](std::int64_t height, std::int64_t width, std::int64_t channels) {
    return Layout{{batch, channels, height, width},
                  {height * width * channels, 1, width * channels, channels}};
  };
  const Layout x = channelsLast(w.height, w.width, w.channels);
  const Layout y = channelsLast(w.outHeight, w.outWidth, w.outChannels);
  const std::int64_t tap = w.channels * w.outChannels;
  const Layout filters{{w.outChannels, w.channels, w.windowY, w.windowX},
                       {1, w.outChannels, w.windowX * tap, tap}};
  const Strided<Value> from{Call::arrayAt<Value>(xAt, x.extent()), x};
  const Strided<Value> by{Call::arrayAt<Value>(filtersAt, filters.extent()), filters};
  const Strided<Value> to{Call::arrayAt<Value>(yAt, y.extent()), y};
  if (!from.data || !by.data || !to.data) return nullptr;
  return [=, wrong = error()] {
    convolve(from, by, to, {{w.strideY, w.strideX}, {w.padY, w.padX}}, wrong);
  };
}

}  // namespace mpsbench::cuda::fake
