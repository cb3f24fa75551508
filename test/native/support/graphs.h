#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/graph.h"

/** Graphs that together hold every op, at sizes that are no multiple of anything, and their values.
 */
namespace mpsbench::test {

/** Builds graphs by the names of their tensors. */
class GraphBuilder {
 public:
  explicit GraphBuilder(DType dtype) : dtype_(dtype) {}

  TensorIndex tensor(const std::string& id, Shape shape, Role role) {
    graph_.tensors.push_back({id, std::move(shape), dtype_, role});
    return graph_.tensors.size() - 1;
  }
  TensorIndex op(const OpSpec& spec, std::vector<TensorIndex> inputs, Shape shape) {
    const std::string id = std::string(name(spec.kind)) + std::to_string(graph_.ops.size());
    const TensorIndex output =
        spec.kind == OpKind::sgdUpdate ? inputs[0] : tensor(id, std::move(shape), Role::temp);
    graph_.ops.push_back({id, spec, std::move(inputs), output});
    return output;
  }
  Graph finish(std::vector<TensorIndex> outputs) {
    graph_.name = "test";
    graph_.outputs = std::move(outputs);
    validate(graph_);
    return graph_;
  }

 private:
  DType dtype_;
  Graph graph_;
};

inline OpSpec spec(OpKind kind) {
  OpSpec made;
  made.kind = kind;
  return made;
}

/** @param rows so many that the CPU's threads share them */
inline Graph elementwise(DType dtype, std::int64_t rows = 131) {
  GraphBuilder build(dtype);
  const auto a = build.tensor("a", {rows, 1001}, Role::input);
  const auto b = build.tensor("b", {rows, 1001}, Role::input);
  const auto bias = build.tensor("bias", {1001}, Role::weight);
  const auto sum = build.op(spec(OpKind::add), {a, b}, {rows, 1001});
  const auto difference = build.op(spec(OpKind::sub), {sum, b}, {rows, 1001});
  const auto product = build.op(spec(OpKind::mul), {difference, a}, {rows, 1001});
  const auto biased = build.op(spec(OpKind::biasAdd), {product, bias}, {rows, 1001});
  const auto relu = build.op(spec(OpKind::relu), {biased}, {rows, 1001});
  const auto soft = build.op(spec(OpKind::softmax), {relu}, {rows, 1001});
  const auto flat = build.op(spec(OpKind::reshape), {soft}, {rows * 1001});
  return build.finish({sum, product, flat});
}

inline Graph training(DType dtype) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {67, 19}, Role::input);
  const auto target = build.tensor("target", {67, 33}, Role::input);
  const auto w = build.tensor("w", {33, 19}, Role::state);
  const auto b = build.tensor("b", {33}, Role::state);
  OpSpec forward = spec(OpKind::matmul);
  forward.transposeB = true;
  OpSpec backward = spec(OpKind::matmul);
  backward.transposeA = true;
  OpSpec update = spec(OpKind::sgdUpdate);
  update.learningRate = 0.125;
  const auto xw = build.op(forward, {x, w}, {67, 33});
  const auto y = build.op(spec(OpKind::biasAdd), {xw, b}, {67, 33});
  const auto loss = build.op(spec(OpKind::mseLoss), {y, target}, {1});
  const auto grad = build.op(spec(OpKind::mseGrad), {y, target}, {67, 33});
  const auto dw = build.op(backward, {grad, x}, {33, 19});
  const auto db = build.op(spec(OpKind::reduceSum), {grad}, {33});
  build.op(update, {w, dw}, {});
  build.op(update, {b, db}, {});
  return build.finish({loss});
}

/** A loss that either of two gradients could be done with. */
inline Graph twoGradients(DType dtype) {
  GraphBuilder build(dtype);
  const auto y = build.tensor("y", {67, 33}, Role::input);
  const auto target = build.tensor("target", {67, 33}, Role::input);
  const auto first = build.op(spec(OpKind::mseGrad), {y, target}, {67, 33});
  const auto second = build.op(spec(OpKind::mseGrad), {y, target}, {67, 33});
  const auto loss = build.op(spec(OpKind::mseLoss), {y, target}, {1});
  return build.finish({first, second, loss});
}

/** A gradient, and its sum, that either of two losses could be done with. */
inline Graph twoLosses(DType dtype) {
  GraphBuilder build(dtype);
  const auto y = build.tensor("y", {67, 33}, Role::input);
  const auto target = build.tensor("target", {67, 33}, Role::input);
  const auto first = build.op(spec(OpKind::mseLoss), {y, target}, {1});
  const auto second = build.op(spec(OpKind::mseLoss), {y, target}, {1});
  const auto grad = build.op(spec(OpKind::mseGrad), {y, target}, {67, 33});
  const auto sum = build.op(spec(OpKind::reduceSum), {grad}, {33});
  return build.finish({first, second, sum});
}

/** An op in f32, and one in f64, which not every engine has. */
inline Graph twoDTypes() {
  GraphBuilder build(DType::f32);
  const auto single = build.tensor("single", {67, 33}, Role::input);
  const auto wide = build.tensor("wide", {67, 33}, Role::input);
  const auto relu = build.op(spec(OpKind::relu), {single}, {67, 33});
  const auto wideRelu = build.op(spec(OpKind::relu), {wide}, {67, 33});
  Graph graph = build.finish({relu, wideRelu});
  graph.tensors[wide].dtype = DType::f64;
  graph.tensors[wideRelu].dtype = DType::f64;
  validate(graph);
  return graph;
}

/** A small network; `padded` images keep their size in the convolution. */
inline Graph convolution(DType dtype, std::int64_t batch, std::int64_t channels,
                         std::int64_t filters, std::int64_t units = 10, bool padded = false) {
  GraphBuilder build(dtype);
  const Shape conved = padded ? Shape{batch, 11, 9, filters} : Shape{batch, 9, 7, filters};
  const Shape pooledShape = {batch, conved[1] / 2, conved[2] / 2, filters};
  const std::int64_t features = pooledShape[1] * pooledShape[2] * filters;
  OpSpec conv2d = spec(OpKind::conv2d);
  if (padded) conv2d.padding = Padding::same;
  const auto x = build.tensor("x", {batch, 11, 9, channels}, Role::input);
  const auto k = build.tensor("k", {3, 3, channels, filters}, Role::weight);
  const auto bias = build.tensor("bias", {filters}, Role::weight);
  const auto w = build.tensor("w", {features, units}, Role::weight);
  const auto wb = build.tensor("wb", {units}, Role::weight);
  OpSpec pool = spec(OpKind::maxPool2d);
  pool.window = {2, 2};
  pool.strides = {2, 2};
  const auto conv = build.op(conv2d, {x, k}, conved);
  const auto biased = build.op(spec(OpKind::biasAdd), {conv, bias}, conved);
  const auto relu = build.op(spec(OpKind::relu), {biased}, conved);
  const auto pooled = build.op(pool, {relu}, pooledShape);
  const auto flat = build.op(spec(OpKind::reshape), {pooled}, {batch, features});
  const auto dense = build.op(spec(OpKind::matmul), {flat, w}, {batch, units});
  const auto logits = build.op(spec(OpKind::biasAdd), {dense, wb}, {batch, units});
  const auto soft = build.op(spec(OpKind::softmax), {logits}, {batch, units});
  return build.finish({soft});
}

inline Graph paddedConvolution(DType dtype) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {3, 7, 8, 5}, Role::input);
  const auto k = build.tensor("k", {4, 3, 5, 21}, Role::input);
  OpSpec conv = spec(OpKind::conv2d);
  conv.padding = Padding::same;
  conv.strides = {2, 3};
  return build.finish({build.op(conv, {x, k}, {3, 4, 3, 21})});
}

/** A training step in the form of the linear workload: x is not transposed in the forward pass. */
inline Graph linearStep(DType dtype, std::int64_t rows, std::int64_t features, std::int64_t units) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {rows, features}, Role::input);
  const auto targets = build.tensor("targets", {rows, units}, Role::input);
  const auto w = build.tensor("weights", {features, units}, Role::state);
  const auto b = build.tensor("bias", {units}, Role::state);
  OpSpec backward = spec(OpKind::matmul);
  backward.transposeA = true;
  OpSpec update = spec(OpKind::sgdUpdate);
  update.learningRate = 0.125;
  const auto xw = build.op(spec(OpKind::matmul), {x, w}, {rows, units});
  const auto y = build.op(spec(OpKind::biasAdd), {xw, b}, {rows, units});
  const auto loss = build.op(spec(OpKind::mseLoss), {y, targets}, {1});
  const auto grad = build.op(spec(OpKind::mseGrad), {y, targets}, {rows, units});
  const auto dw = build.op(backward, {x, grad}, {features, units});
  const auto db = build.op(spec(OpKind::reduceSum), {grad}, {units});
  build.op(update, {w, dw}, {});
  build.op(update, {b, db}, {});
  return build.finish({y, loss});
}

/** The cnn workload: 28 x 28 images, 32 filters, 10 classes. */
inline Graph cnn(DType dtype, std::int64_t batch, std::int64_t image = 28) {
  const std::int64_t conved = image - 2;
  const std::int64_t pooled = conved / 2;
  const std::int64_t features = pooled * pooled * 32;
  GraphBuilder build(dtype);
  const auto x = build.tensor("images", {batch, image, image, 1}, Role::input);
  const auto k = build.tensor("filters", {3, 3, 1, 32}, Role::weight);
  const auto bias = build.tensor("conv_bias", {32}, Role::weight);
  const auto w = build.tensor("dense_weights", {features, 10}, Role::weight);
  const auto wb = build.tensor("dense_bias", {10}, Role::weight);
  OpSpec pool = spec(OpKind::maxPool2d);
  pool.window = {2, 2};
  pool.strides = {2, 2};
  const auto conv = build.op(spec(OpKind::conv2d), {x, k}, {batch, conved, conved, 32});
  const auto biased = build.op(spec(OpKind::biasAdd), {conv, bias}, {batch, conved, conved, 32});
  const auto relu = build.op(spec(OpKind::relu), {biased}, {batch, conved, conved, 32});
  const auto kept = build.op(pool, {relu}, {batch, pooled, pooled, 32});
  const auto flat = build.op(spec(OpKind::reshape), {kept}, {batch, features});
  const auto dense = build.op(spec(OpKind::matmul), {flat, w}, {batch, 10});
  const auto logits = build.op(spec(OpKind::biasAdd), {dense, wb}, {batch, 10});
  return build.finish({build.op(spec(OpKind::softmax), {logits}, {batch, 10})});
}

/** One op whose inputs the host writes. */
inline Graph singleOp(DType dtype, const OpSpec& op, const std::vector<Shape>& inputs,
                      const Shape& output) {
  GraphBuilder build(dtype);
  std::vector<TensorIndex> tensors;
  for (const Shape& shape : inputs) {
    const bool state = op.kind == OpKind::sgdUpdate && tensors.empty();
    const std::string id = "in" + std::to_string(tensors.size());
    tensors.push_back(build.tensor(id, shape, state ? Role::state : Role::input));
  }
  const TensorIndex result = build.op(op, tensors, output);
  if (op.kind == OpKind::sgdUpdate) return build.finish({});
  return build.finish({result});
}

/**
 * Values between -1 and 1 that differ from tensor to tensor. Those of a dense layer are so small
 * that its logits stay near 1, where softmax does not magnify their rounding.
 */
inline std::vector<double> valuesFor(const Tensor& tensor) {
  const bool dense = tensor.role == Role::weight && tensor.shape.size() == 2;
  const double scale = dense ? 1 / std::sqrt(static_cast<double>(tensor.shape[0])) : 1;
  std::vector<double> values(tensor.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] =
        scale * std::sin(static_cast<double>(i) * 0.7 + static_cast<double>(tensor.id.size()));
  }
  return values;
}

}  // namespace mpsbench::test
