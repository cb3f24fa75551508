#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/graph.h"

/** An MPSGraph as plain values, and what its operations compute. */
namespace metal_double {

using mpsbench::DType;
using mpsbench::Shape;
using NodeIndex = std::size_t;

enum class NodeKind {
  placeholder,
  constant,
  binary,
  cast,
  transpose,
  matmul,
  relu,
  conv2d,
  maxPool2d,
  reshape,
  slice,
  softmax,
  reductionSum,
};

struct Node {
  NodeKind kind = NodeKind::placeholder;
  std::vector<NodeIndex> inputs;
  Shape shape;
  DType dtype = DType::f32;

  /** binary: add, sub or mul; conv2d and maxPool2d: strides and window. */
  mpsbench::OpSpec spec;
  double scalar = 0;                     // constant
  std::vector<std::size_t> permutation;  // transpose: of the source, the axis of each of its own
  std::vector<std::size_t> reduced;      // reductionSum
  std::size_t axis = 0;                  // slice
  std::int64_t start = 0;                // slice
  std::array<std::int64_t, 4> padding = {};  // conv2d: top, bottom, left, right
  bool isNchw = false;                       // conv2d, whose filters are then OIHW, and maxPool2d
  /** Whether the descriptor that the operation was made with still says the same. */
  std::function<bool()> descriptorUnchanged = [] { return true; };
};

/** The values of an input at the time when the GPU gets to an operation. */
struct Operand {
  const void* data = nullptr;
  const Shape* shape = nullptr;
  DType dtype = DType::f32;
};

/** Computes `node` with the reference kernels into `result`, which has its bytes. */
void compute(const Node& node, const std::vector<Operand>& operands, void* result);

/** The shape that broadcasting gives, from the last dimension on; empty where they do not fit. */
Shape broadcast(const Shape& a, const Shape& b);

std::size_t bytesOf(const Node& node);

/** The nodes that `targets` need, in an order that computes inputs first. */
std::vector<NodeIndex> neededFor(const std::vector<Node>& nodes,
                                 const std::vector<NodeIndex>& targets);

/** What MPSGraphExecutable holds; shared with the commands that are still to run. */
struct Program {
  std::vector<Node> nodes;
  std::vector<NodeIndex> order;
  std::vector<NodeIndex> feeds;
  std::vector<NodeIndex> targets;
};

}  // namespace metal_double
