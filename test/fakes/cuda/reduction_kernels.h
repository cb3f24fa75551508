#pragma once

#include <algorithm>

#include "call.h"
#include "state.h"

/**
 * mse_loss.cu and reduce_sum.cu on the host. The first launch of each puts all sums in the first
 * block's place and zeros in the others'.
 */
namespace mpsbench::cuda::fake {

/** mse_partial(a, b, partials, count). */
template <class Value>
Work msePartial(Call& call) {
  const auto aAt = call.next<CUdeviceptr>();
  const auto bAt = call.next<CUdeviceptr>();
  const std::int64_t places = call.blocks();
  auto* partials = call.array<Value>(places);
  const auto count = call.next<std::int64_t>();
  const auto* a = Call::arrayAt<Value>(aAt, count);
  const auto* b = Call::arrayAt<Value>(bAt, count);
  if (!a || !b || !partials) return nullptr;
  return [=] {
    std::fill_n(partials, places, Value{0});
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      sum += difference * difference;
    }
    partials[0] = static_cast<Value>(sum);
  };
}

/** mse_finish(partials, y, blocks, count). */
template <class Value>
Work mseFinish(Call& call) {
  const auto partialsAt = call.next<CUdeviceptr>();
  auto* y = call.array<Value>(1);
  const auto blocks = call.next<std::int64_t>();
  const auto count = call.next<std::int64_t>();
  const auto* partials = Call::arrayAt<Value>(partialsAt, blocks);
  if (!partials || !y) return nullptr;
  return [=, wrong = error()] {
    double sum = 0;
    for (std::int64_t i = 0; i < blocks; ++i) sum += static_cast<double>(partials[i]);
    y[0] = static_cast<Value>(sum / static_cast<double>(count) + wrong);
  };
}

/** reduce_partial(x, partials, rows, columns, rowsPerBlock). */
template <class Value>
Work reducePartial(Call& call) {
  const auto xAt = call.next<CUdeviceptr>();
  const auto partialsAt = call.next<CUdeviceptr>();
  const auto rows = call.next<std::int64_t>();
  const auto columns = call.next<std::int64_t>();
  const std::int64_t places = call.blocksY() * columns;
  const auto* x = Call::arrayAt<Value>(xAt, rows * columns);
  auto* partials = Call::arrayAt<Value>(partialsAt, places);
  if (!x || !partials) return nullptr;
  return [=] {
    std::fill_n(partials, places, Value{0});
    for (std::int64_t column = 0; column < columns; ++column) {
      double sum = 0;
      for (std::int64_t row = 0; row < rows; ++row) {
        sum += static_cast<double>(x[row * columns + column]);
      }
      partials[column] = static_cast<Value>(sum);
    }
  };
}

/** reduce_finish(partials, y, columns, blocks). */
template <class Value>
Work reduceFinish(Call& call) {
  const auto partialsAt = call.next<CUdeviceptr>();
  const auto yAt = call.next<CUdeviceptr>();
  const auto columns = call.next<std::int64_t>();
  const auto blocks = call.next<std::int64_t>();
  const auto* partials = Call::arrayAt<Value>(partialsAt, blocks * columns);
  auto* y = Call::arrayAt<Value>(yAt, columns);
  if (!partials || !y) return nullptr;
  return [=, wrong = error()] {
    for (std::int64_t column = 0; column < columns; ++column) {
      double sum = wrong;
      for (std::int64_t block = 0; block < blocks; ++block) {
        sum += static_cast<double>(partials[block * columns + column]);
      }
      y[column] = static_cast<Value>(sum);
    }
  };
}

}  // namespace mpsbench::cuda::fake
