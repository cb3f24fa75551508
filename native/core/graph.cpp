#include "core/graph.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"

namespace mpsbench {

namespace {

struct KindFacts {
  const char* name;
  std::size_t arity;
};

// In the order of OpKind.
constexpr std::array<KindFacts, kOpKinds> kKinds = {{
    {"add", 2},
    {"sub", 2},
    {"mul", 2},
    {"matmul", 2},
    {"bias_add", 2},
    {"relu", 1},
    {"conv2d", 2},
    {"max_pool2d", 1},
    {"reshape", 1},
    {"softmax", 1},
    {"mse_loss", 2},
    {"mse_grad", 2},
    {"reduce_sum", 1},
    {"sgd_update", 2},
}};

}  // namespace

std::string toString(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + "]";
}

std::size_t Tensor::elements() const {
  return std::accumulate(
      shape.begin(), shape.end(), std::size_t{1},
      [](std::size_t count, std::int64_t size) { return count * static_cast<std::size_t>(size); });
}

const char* name(OpKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].name;
}

std::optional<OpKind> parseOpKind(std::string_view text) {
  for (std::size_t i = 0; i < kOpKinds; ++i) {
    if (text == kKinds[i].name) return static_cast<OpKind>(i);
  }
  return std::nullopt;
}

std::size_t arity(OpKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].arity;
}

TensorIndex Graph::find(std::string_view id) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const Tensor& tensor) { return tensor.id == id; });
  if (found == tensors.end()) {
    throw Error(ErrorCode::internal,
                "The graph '" + name + "' has no tensor '" + std::string(id) + "'.");
  }
  return static_cast<TensorIndex>(found - tensors.begin());
}

bool Graph::isOutput(TensorIndex tensor) const {
  return std::find(outputs.begin(), outputs.end(), tensor) != outputs.end();
}

WindowAxis windowAxis(std::int64_t input, std::int64_t window, std::int64_t stride,
                      Padding padding) {
  if (padding == Padding::valid) {
    return {input < window ? 0 : (input - window) / stride + 1, 0, 0};
  }
  const std::int64_t output = (input - 1) / stride + 1;
  const std::int64_t total = std::max<std::int64_t>((output - 1) * stride + window - input, 0);
  return {output, total / 2, total - total / 2};
}

}  // namespace mpsbench
