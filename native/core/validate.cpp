#include <limits>
#include <set>

#include "core/error.h"
#include "core/graph.h"

namespace mpsbench {

namespace {

[[noreturn]] void fail(const Graph& graph, const std::string& what) {
  throw Error(ErrorCode::internal, "The graph '" + graph.name + "' is not valid: " + what + ".");
}

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

void checkTensor(const Graph& graph, const Tensor& tensor) {
  // Half of the range leaves room for padding and for sums of a few tensors.
  auto bytesLeft = std::numeric_limits<std::int64_t>::max() / 2 /
                   static_cast<std::int64_t>(sizeOf(tensor.dtype));
  if (tensor.shape.empty()) fail(graph, "tensor " + quoted(tensor.id) + " has no dimensions");
  for (const std::int64_t size : tensor.shape) {
    if (size < 1) {
      fail(graph, "tensor " + quoted(tensor.id) + " has the shape " + toString(tensor.shape) +
                      ", and every dimension must be at least 1");
    }
    bytesLeft /= size;
    if (bytesLeft == 0) {
      throw Error(ErrorCode::outOfMemory,
                  "The tensor '" + tensor.id + "' of shape " + toString(tensor.shape) +
                      " has more bytes than a 64-bit machine can address.",
                  "Choose smaller sizes.");
    }
  }
}

Shape windowedShape(const Shape& x, std::int64_t height, std::int64_t width, const OpSpec& spec,
                    Padding padding, std::int64_t channels) {
  return {x[0], windowAxis(x[1], height, spec.strides[0], padding).output,
          windowAxis(x[2], width, spec.strides[1], padding).output, channels};
}

/** The shape that `op` must give, or an empty one where its inputs do not fit together. */
Shape outputShape(const Graph& graph, const Op& op) {
  const OpSpec& spec = op.spec;
  const Shape& a = graph.input(op, 0).shape;
  const Shape& b = graph.input(op, op.inputs.size() - 1).shape;
  switch (spec.kind) {
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::mseGrad:
    case OpKind::sgdUpdate:
      return a == b ? a : Shape{};
    case OpKind::mseLoss:
      return a == b ? Shape{1} : Shape{};
    case OpKind::matmul: {
      if (a.size() != 2 || b.size() != 2) return {};
      if (a[spec.transposeA ? 0 : 1] != b[spec.transposeB ? 1 : 0]) return {};
      return {a[spec.transposeA ? 1 : 0], b[spec.transposeB ? 0 : 1]};
    }
    case OpKind::biasAdd:
      return b.size() == 1 && b[0] == a.back() ? a : Shape{};
    case OpKind::relu:
    case OpKind::softmax:
      return a;
    case OpKind::conv2d:
      if (a.size() != 4 || b.size() != 4 || a[3] != b[2]) return {};
      return windowedShape(a, b[0], b[1], spec, spec.padding, b[3]);
    case OpKind::maxPool2d:
      if (a.size() != 4) return {};
      return windowedShape(a, spec.window[0], spec.window[1], spec, Padding::valid, a[3]);
    case OpKind::reshape:
      return graph.input(op, 0).elements() == graph.output(op).elements() ? graph.output(op).shape
                                                                          : Shape{};
    case OpKind::reduceSum:
      return a.size() == 2 ? Shape{a[1]} : Shape{};
  }
  return {};
}

void checkShapes(const Graph& graph, const Op& op) {
  const Tensor& output = graph.output(op);
  for (const TensorIndex input : op.inputs) {
    if (graph.tensors[input].dtype != output.dtype) {
      fail(graph, "op " + quoted(op.id) + " mixes " + name(graph.tensors[input].dtype) + " and " +
                      name(output.dtype));
    }
  }
  if (op.spec.strides[0] < 1 || op.spec.strides[1] < 1 || op.spec.window[0] < 1 ||
      op.spec.window[1] < 1) {
    fail(graph, "op " + quoted(op.id) + " has a window or stride below 1");
  }
  const Shape expected = outputShape(graph, op);
  if (expected.empty()) {
    std::string shapes = toString(graph.input(op, 0).shape);
    if (op.inputs.size() == 2) shapes += " and " + toString(graph.input(op, 1).shape);
    fail(graph, std::string(name(op.spec.kind)) + " " + quoted(op.id) +
                    " cannot take inputs of the shapes " + shapes);
  }
  if (expected != output.shape) {
    fail(graph, std::string(name(op.spec.kind)) + " " + quoted(op.id) + " gives the shape " +
                    toString(expected) + ", but its output " + quoted(output.id) + " has " +
                    toString(output.shape));
  }
}

void checkNames(const Graph& graph) {
  std::set<std::string> tensors;
  for (const Tensor& tensor : graph.tensors) {
    if (!tensors.insert(tensor.id).second)
      fail(graph, "two tensors are called " + quoted(tensor.id));
  }
  std::set<std::string> ops;
  for (const Op& op : graph.ops) {
    if (!ops.insert(op.id).second) fail(graph, "two ops are called " + quoted(op.id));
    if (op.inputs.size() != arity(op.spec.kind)) {
      fail(graph, "op " + quoted(op.id) + " has " + std::to_string(op.inputs.size()) +
                      " inputs, and " + name(op.spec.kind) + " takes " +
                      std::to_string(arity(op.spec.kind)));
    }
  }
}

/** Every temp is written once and before it is read; a state is never read after its update. */
void checkOrder(const Graph& graph) {
  std::vector<bool> written(graph.tensors.size(), false);
  std::vector<bool> updated(graph.tensors.size(), false);
  for (const Op& op : graph.ops) {
    for (const TensorIndex input : op.inputs) {
      const Tensor& tensor = graph.tensors[input];
      if (tensor.role == Role::temp && !written[input]) {
        fail(graph,
             "op " + quoted(op.id) + " reads " + quoted(tensor.id) + " before it is written");
      }
      if (updated[input]) {
        fail(graph, "op " + quoted(op.id) + " reads " + quoted(tensor.id) + " after its update");
      }
    }
    const Tensor& output = graph.output(op);
    if (op.spec.kind == OpKind::sgdUpdate) {
      if (output.role != Role::state || op.inputs[0] != op.output) {
        fail(graph, "op " + quoted(op.id) + " must update a state tensor in place");
      }
      if (op.inputs[1] == op.output) {
        fail(graph, "op " + quoted(op.id) + " takes its parameter as its gradient");
      }
      updated[op.output] = true;
    } else if (output.role != Role::temp) {
      fail(graph, "op " + quoted(op.id) + " writes " + quoted(output.id) + ", which is not a temp");
    } else if (written[op.output]) {
      fail(graph, "two ops write " + quoted(output.id));
    }
    written[op.output] = true;
  }
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role == Role::temp && !written[i]) {
      fail(graph, "no op writes " + quoted(graph.tensors[i].id));
    }
  }
  for (const TensorIndex output : graph.outputs) {
    if (graph.tensors[output].role != Role::temp) {
      fail(graph, "its output " + quoted(graph.tensors[output].id) + " is not a temp");
    }
  }
}

}  // namespace

void validate(const Graph& graph) {
  checkNames(graph);
  for (const Tensor& tensor : graph.tensors) checkTensor(graph, tensor);
  for (const Op& op : graph.ops) checkShapes(graph, op);
  checkOrder(graph);
}

}  // namespace mpsbench
