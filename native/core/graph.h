#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.h"

/** The graph of src/graph/types.ts as C++ values; what each op computes is written there. */
namespace mpsbench {

using Shape = std::vector<std::int64_t>;
using TensorIndex = std::size_t;

std::string toString(const Shape& shape);

enum class Role { input, weight, state, temp };

struct Tensor {
  std::string id;
  Shape shape;
  DType dtype = DType::f32;
  Role role = Role::temp;

  /** Fits std::int64_t after `validate`, as does `bytes`. */
  [[nodiscard]] std::size_t elements() const;
  [[nodiscard]] std::size_t bytes() const { return elements() * sizeOf(dtype); }
};

enum class OpKind {
  add,
  sub,
  mul,
  matmul,
  biasAdd,
  relu,
  conv2d,
  maxPool2d,
  reshape,
  softmax,
  mseLoss,
  mseGrad,
  reduceSum,
  sgdUpdate,
};

inline constexpr std::size_t kOpKinds = static_cast<std::size_t>(OpKind::sgdUpdate) + 1;

const char* name(OpKind kind);
std::optional<OpKind> parseOpKind(std::string_view text);
std::size_t arity(OpKind kind);

enum class Padding { valid, same };

/** What an op does, without its tensors. Each attribute belongs to the kinds named beside it. */
struct OpSpec {
  OpKind kind = OpKind::add;
  bool transposeA = false;                       // matmul
  bool transposeB = false;                       // matmul
  std::array<std::int64_t, 2> window = {1, 1};   // maxPool2d
  std::array<std::int64_t, 2> strides = {1, 1};  // conv2d, maxPool2d
  Padding padding = Padding::valid;              // conv2d
  double learningRate = 0;                       // sgdUpdate
};

struct Op {
  std::string id;
  OpSpec spec;
  std::vector<TensorIndex> inputs;
  TensorIndex output = 0;
};

struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Op> ops;
  std::vector<TensorIndex> outputs;

  /** @throws Error `internal` if the graph has no such tensor. */
  [[nodiscard]] TensorIndex find(std::string_view id) const;
  [[nodiscard]] bool isOutput(TensorIndex tensor) const;
  [[nodiscard]] const Tensor& input(const Op& op, std::size_t index) const {
    return tensors[op.inputs[index]];
  }
  [[nodiscard]] const Tensor& output(const Op& op) const { return tensors[op.output]; }
};

/** A window of conv2d or max_pool2d along one axis. */
struct WindowAxis {
  std::int64_t output = 0;
  std::int64_t padBefore = 0;
  std::int64_t padAfter = 0;
};

/** Output length and padding; `output` is 0 if the window is larger than the input. */
WindowAxis windowAxis(std::int64_t input, std::int64_t window, std::int64_t stride,
                      Padding padding);

/**
 * Checks names, shapes, dtypes, roles and the order of ops.
 * @throws Error `internal` for a graph that breaks a rule of src/graph/types.ts, `out_of_memory`
 *   where a tensor has more bytes than can be counted.
 */
void validate(const Graph& graph);

}  // namespace mpsbench
