#include "kernels.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "call.h"
#include "conv_kernels.h"
#include "reduction_kernels.h"

namespace mpsbench::cuda::fake {

namespace {

/** How many times as long as others a kernel takes that is not computed. */
constexpr double kHopeless = 1000;

using Formula = Work (*)(Call& call);

/** fill.cu: fill(to, count, seed). */
template <class Value>
Work fill(Call& call) {
  const auto to = call.next<CUdeviceptr>();
  const auto count = call.next<std::int64_t>();
  Value* values = Call::arrayAt<Value>(to, count);
  if (values == nullptr) return nullptr;
  return [=] {
    for (std::int64_t i = 0; i < count; ++i) values[i] = static_cast<Value>(i % 7) / Value{7};
  };
}

template <class Value>
using Operation = Value (*)(Value a, Value b, Value factor);

template <class Value>
Operation<Value> operationOf(const std::string& name) {
  if (name == "add") return [](Value a, Value b, Value) -> Value { return a + b; };
  if (name == "sub") return [](Value a, Value b, Value) -> Value { return a - b; };
  if (name == "mul") return [](Value a, Value b, Value) -> Value { return a * b; };
  if (name == "relu") return [](Value a, Value, Value) -> Value { return a < 0 ? Value{0} : a; };
  if (name == "mse_grad") return [](Value a, Value b, Value f) -> Value { return f * (a - b); };
  if (name == "sgd_update") return [](Value a, Value b, Value f) -> Value { return a - f * b; };
  return nullptr;
}

/** elementwise.cu: elementwise(a, b, y, count, factor), by the macro OPERATION. */
template <class Value>
Work elementwise(Call& call) {
  const auto aAt = call.next<CUdeviceptr>();
  const auto bAt = call.next<CUdeviceptr>();
  const auto yAt = call.next<CUdeviceptr>();
  const auto count = call.next<std::int64_t>();
  const auto factor = call.next<Value>();
  const auto* a = Call::arrayAt<Value>(aAt, count);
  const auto* b = Call::arrayAt<Value>(bAt, count);
  auto* y = Call::arrayAt<Value>(yAt, count);
  if (!a || !b || !y) return nullptr;
  const Operation<Value> operation = operationOf<Value>(call.option("OPERATION"));
  if (operation == nullptr) return nullptr;
  return [=, wrong = error()] {
    for (std::int64_t i = 0; i < count; ++i) {
      y[i] = operation(a[i], b[i], factor) + static_cast<Value>(wrong);
    }
  };
}

/**
 * linear_residual.cu: linear_residual(predictions, targets, residual, squares, columnSums, rows,
 * columns, rowsPerBlock). All sums go to the first block's places, zeros to the others'.
 */
template <class Value>
Work linearResidual(Call& call) {
  const auto predictionsAt = call.next<CUdeviceptr>();
  const auto targetsAt = call.next<CUdeviceptr>();
  const auto residualAt = call.next<CUdeviceptr>();
  const std::int64_t places = call.blocks();
  const std::int64_t chunks = call.blocksY();
  auto* squares = call.array<Value>(places);
  const auto columnSumsAt = call.next<CUdeviceptr>();
  const auto rows = call.next<std::int64_t>();
  const auto columns = call.next<std::int64_t>();
  const auto* predictions = Call::arrayAt<Value>(predictionsAt, rows * columns);
  const auto* targets = Call::arrayAt<Value>(targetsAt, rows * columns);
  auto* residual = Call::arrayAt<Value>(residualAt, rows * columns);
  auto* columnSums = Call::arrayAt<Value>(columnSumsAt, chunks * columns);
  if (!predictions || !targets || !residual || !squares || !columnSums) return nullptr;
  return [=] {
    std::fill_n(squares, places, Value{0});
    std::fill_n(columnSums, chunks * columns, Value{0});
    double square = 0;
    for (std::int64_t column = 0; column < columns; ++column) {
      double sum = 0;
      for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t at = row * columns + column;
        const double difference =
            static_cast<double>(predictions[at]) - static_cast<double>(targets[at]);
        residual[at] = static_cast<Value>(difference);
        square += difference * difference;
        sum += difference;
      }
      columnSums[column] = static_cast<Value>(sum);
    }
    squares[0] = static_cast<Value>(square);
  };
}

/**
 * linear_residual.cu: linear_finish(bias, columnSums, columns, chunks, rate, loss, squares,
 * squareCount, scale).
 */
template <class Value>
Work linearFinish(Call& call) {
  const auto biasAt = call.next<CUdeviceptr>();
  const auto columnSumsAt = call.next<CUdeviceptr>();
  const auto columns = call.next<std::int64_t>();
  const auto chunks = call.next<std::int32_t>();
  const auto rate = call.next<double>();
  auto* loss = call.array<Value>(1);
  const auto squaresAt = call.next<CUdeviceptr>();
  const auto squareCount = call.next<std::int64_t>();
  const auto scale = call.next<double>();
  auto* bias = Call::arrayAt<Value>(biasAt, columns);
  const auto* columnSums = Call::arrayAt<Value>(columnSumsAt, chunks * columns);
  const auto* squares = Call::arrayAt<Value>(squaresAt, squareCount);
  if (!bias || !columnSums || !loss || !squares) return nullptr;
  return [=, wrong = error()] {
    for (std::int64_t column = 0; column < columns; ++column) {
      double sum = 0;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        sum += static_cast<double>(columnSums[chunk * columns + column]);
      }
      bias[column] = static_cast<Value>(static_cast<double>(bias[column]) - rate * sum);
    }
    double square = 0;
    for (std::int64_t i = 0; i < squareCount; ++i) square += static_cast<double>(squares[i]);
    loss[0] = static_cast<Value>(square * scale + wrong);
  };
}

/**
 * linear_tiny.cu: linear_tiny(x, targets, weights, bias, predictions, loss, weightRate, biasRate,
 * steps) of ROWS x FEATURES by UNITS; predictions may be null.
 */
template <class Value>
Work linearTiny(Call& call) {
  const std::int64_t rows = std::stoll(call.option("ROWS"));
  const std::int64_t features = std::stoll(call.option("FEATURES"));
  const std::int64_t units = std::stoll(call.option("UNITS"));
  const auto* x = call.array<Value>(rows * features);
  const auto* targets = call.array<Value>(rows * units);
  auto* weights = call.array<Value>(features * units);
  auto* bias = call.array<Value>(units);
  const auto predictionsAt = call.next<CUdeviceptr>();
  auto* loss = call.array<Value>(1);
  const auto weightRate = static_cast<double>(call.next<Value>());
  const auto biasRate = static_cast<double>(call.next<Value>());
  const auto steps = call.next<std::int32_t>();
  auto* predictions =
      predictionsAt == 0 ? nullptr : Call::arrayAt<Value>(predictionsAt, rows * units);
  if (!x || !targets || !weights || !bias || !loss) return nullptr;
  const auto step = [=, wrong = error()] {
    std::vector<double> residual(static_cast<std::size_t>(rows * units));
    const auto at = [&](std::int64_t row, std::int64_t unit) -> double& {
      return residual[static_cast<std::size_t>(row * units + unit)];
    };
    const double count = static_cast<double>(rows * units);
    double square = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t unit = 0; unit < units; ++unit) {
        double sum = static_cast<double>(bias[unit]);
        for (std::int64_t k = 0; k < features; ++k) {
          sum += static_cast<double>(x[row * features + k]) *
                 static_cast<double>(weights[k * units + unit]);
        }
        const auto prediction = static_cast<Value>(sum);
        if (predictions != nullptr) predictions[row * units + unit] = prediction;
        at(row, unit) =
            static_cast<double>(prediction) - static_cast<double>(targets[row * units + unit]);
        square += at(row, unit) * at(row, unit);
      }
    }
    for (std::int64_t unit = 0; unit < units; ++unit) {
      double gradient = 0;
      for (std::int64_t row = 0; row < rows; ++row) gradient += at(row, unit);
      bias[unit] =
          static_cast<Value>(static_cast<double>(bias[unit]) - biasRate * 2 / count * gradient);
      for (std::int64_t k = 0; k < features; ++k) {
        double sum = 0;
        for (std::int64_t row = 0; row < rows; ++row) {
          sum += static_cast<double>(x[row * features + k]) * at(row, unit);
        }
        Value& weight = weights[k * units + unit];
        weight =
            static_cast<Value>(static_cast<double>(weight) - weightRate * 2 / count * sum + wrong);
      }
    }
    loss[0] = static_cast<Value>(square / count);
  };
  return [=] {
    for (std::int32_t i = 0; i < steps; ++i) step();
  };
}

struct Computed {
  Formula f32;
  Formula f64;
};

/** By `file:function`. */
const std::map<std::string, Computed>& formulas() {
  static const std::map<std::string, Computed> all = {
      {"bias_add.cu:bias_add", {biasAdd<float>, biasAdd<double>}},
      {"elementwise.cu:elementwise", {elementwise<float>, elementwise<double>}},
      {"fill.cu:fill", {fill<float>, fill<double>}},
      {"filter_layout.cu:filter_layout", {filterLayout<float>, filterLayout<double>}},
      {"linear_residual.cu:linear_residual", {linearResidual<float>, linearResidual<double>}},
      {"linear_tiny.cu:linear_tiny", {linearTiny<float>, linearTiny<double>}},
      {"linear_residual.cu:linear_finish", {linearFinish<float>, linearFinish<double>}},
      {"mse_loss.cu:mse_partial", {msePartial<float>, msePartial<double>}},
      {"mse_loss.cu:mse_finish", {mseFinish<float>, mseFinish<double>}},
      {"reduce_sum.cu:reduce_partial", {reducePartial<float>, reducePartial<double>}},
      {"reduce_sum.cu:reduce_finish", {reduceFinish<float>, reduceFinish<double>}},
      {"windows.cu:conv2d", {conv2d<float>, conv2d<double>}},
  };
  return all;
}

}  // namespace

Work workOf(const Function& function, const CUlaunchConfig& config, void** arguments) {
  Call call(function, config, arguments);
  const auto found = formulas().find(function.module->program.file + ":" + function.name);
  const std::string type = call.option("TYPE");
  Work work;
  if (found != formulas().end() && type == "float") work = found->second.f32(call);
  if (found != formulas().end() && type == "double") work = found->second.f64(call);
  if (work == nullptr) return [] { State::get().advance(kHopeless); };
  return work;
}

}  // namespace mpsbench::cuda::fake
