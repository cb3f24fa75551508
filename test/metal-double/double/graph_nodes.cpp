#include "double/graph_nodes.h"

#include <algorithm>
#include <cstring>

#include "core/reference/kernels.h"
#include "double/scenario.h"

namespace metal_double {

namespace {

namespace reference = mpsbench::reference;

/** Row-major strides, in elements. */
std::vector<std::size_t> stridesOf(const Shape& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) {
    strides[axis - 1] = strides[axis] * static_cast<std::size_t>(shape[axis]);
  }
  return strides;
}

/** Calls `visit(linear, index)` for every element of `shape`, in row-major order. */
template <class Visit>
void eachIndex(const Shape& shape, Visit&& visit) {
  std::vector<std::int64_t> index(shape.size(), 0);
  const std::size_t count = reference::elements(shape);
  for (std::size_t linear = 0; linear < count; ++linear) {
    visit(linear, index);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** A tensor that the double rearranges on the way, in the storage of `dtype`. */
struct Rearranged {
  Rearranged(Shape wanted, DType dtype)
      : shape(std::move(wanted)), data(reference::elements(shape) * mpsbench::sizeOf(dtype)) {}
  [[nodiscard]] reference::ConstView view() const { return {data.data(), &shape}; }

  Shape shape;
  std::vector<std::byte> data;
};

/** Element `from` of `source` becomes element `to` of `target`. */
void move(const Operand& source, std::size_t from, void* target, std::size_t to) {
  const std::size_t size = mpsbench::sizeOf(source.dtype);
  std::memcpy(static_cast<std::byte*>(target) + to * size,
              static_cast<const std::byte*>(source.data) + from * size, size);
}

Rearranged expanded(const Operand& source, const Shape& wanted) {
  Rearranged result(wanted, source.dtype);
  const auto strides = stridesOf(*source.shape);
  const std::size_t missing = wanted.size() - source.shape->size();
  eachIndex(wanted, [&](std::size_t linear, const std::vector<std::int64_t>& index) {
    std::size_t from = 0;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      if ((*source.shape)[axis] > 1) {
        from += strides[axis] * static_cast<std::size_t>(index[missing + axis]);
      }
    }
    move(source, from, result.data.data(), linear);
  });
  return result;
}

void binary(const Node& node, const std::vector<Operand>& operands, reference::View output) {
  const bool plain = *operands[0].shape == node.shape && *operands[1].shape == node.shape;
  if (plain) {
    const reference::ConstView inputs[] = {{operands[0].data, operands[0].shape},
                                           {operands[1].data, operands[1].shape}};
    return reference::run(node.spec, node.dtype, inputs, output);
  }
  const Rearranged a = expanded(operands[0], node.shape);
  const Rearranged b = expanded(operands[1], node.shape);
  const reference::ConstView inputs[] = {a.view(), b.view()};
  reference::run(node.spec, node.dtype, inputs, output);
}

void transpose(const Node& node, const Operand& source, void* result) {
  const auto strides = stridesOf(*source.shape);
  eachIndex(node.shape, [&](std::size_t linear, const std::vector<std::int64_t>& index) {
    std::size_t from = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      from += strides[node.permutation[axis]] * static_cast<std::size_t>(index[axis]);
    }
    move(source, from, result, linear);
  });
}

/** The source with its axes in this order. */
Rearranged permuted(const Operand& source, const std::vector<std::size_t>& permutation) {
  Node node;
  node.permutation = permutation;
  for (const std::size_t axis : permutation) node.shape.push_back((*source.shape)[axis]);
  Rearranged result(node.shape, source.dtype);
  transpose(node, source, result.data.data());
  return result;
}

void slice(const Node& node, const Operand& source, void* result) {
  const auto strides = stridesOf(*source.shape);
  eachIndex(node.shape, [&](std::size_t linear, const std::vector<std::int64_t>& index) {
    std::size_t from = strides[node.axis] * static_cast<std::size_t>(node.start);
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      from += strides[axis] * static_cast<std::size_t>(index[axis]);
    }
    move(source, from, result, linear);
  });
}

/** Explicit zeros around the image, then a convolution without padding. */
void conv2d(const Node& node, const std::vector<Operand>& operands, reference::View output) {
  const auto [top, bottom, left, right] = node.padding;
  const Shape& x = *operands[0].shape;
  Rearranged padded({x[0], x[1] + top + bottom, x[2] + left + right, x[3]}, operands[0].dtype);
  const auto strides = stridesOf(padded.shape);
  eachIndex(x, [&, top = top, left = left](std::size_t linear, const auto& index) {
    const std::size_t to = strides[0] * static_cast<std::size_t>(index[0]) +
                           strides[1] * static_cast<std::size_t>(index[1] + top) +
                           strides[2] * static_cast<std::size_t>(index[2] + left) +
                           static_cast<std::size_t>(index[3]);
    move(operands[0], linear, padded.data.data(), to);
  });
  const reference::ConstView inputs[] = {padded.view(), {operands[1].data, operands[1].shape}};
  reference::run(node.spec, node.dtype, inputs, output);
}

/** Where the node works on NCHW and OIHW: by way of NHWC and HWIO, in which `work` computes. */
template <class Work>
void throughNhwc(const Node& node, const std::vector<Operand>& operands, void* result,
                 const Work& work) {
  const Rearranged image = permuted(operands[0], {0, 2, 3, 1});
  std::vector<Operand> inside = {{image.data.data(), &image.shape, operands[0].dtype}};
  std::vector<Rearranged> filters;
  if (operands.size() > 1) {
    filters.push_back(permuted(operands[1], {2, 3, 1, 0}));
    inside.push_back({filters[0].data.data(), &filters[0].shape, operands[1].dtype});
  }
  const Shape& shape = node.shape;
  Rearranged output({shape[0], shape[2], shape[3], shape[1]}, node.dtype);
  work(inside, reference::View{output.data.data(), &output.shape});
  Node back;
  back.shape = shape;
  back.permutation = {0, 3, 1, 2};
  transpose(back, {output.data.data(), &output.shape, node.dtype}, result);
}

/** As a matrix whose rows run over the reduced axes and whose columns over the kept ones. */
void reductionSum(const Node& node, const Operand& source, void* result) {
  const Shape& shape = *source.shape;
  const auto isReduced = [&](std::size_t axis) {
    return std::find(node.reduced.begin(), node.reduced.end(), axis) != node.reduced.end();
  };
  const std::size_t columns = reference::elements(node.shape);
  const std::size_t rows = reference::elements(shape) / columns;
  Rearranged matrix({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
                    source.dtype);
  eachIndex(shape, [&](std::size_t linear, const std::vector<std::int64_t>& index) {
    std::size_t row = 0;
    std::size_t column = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      std::size_t& place = isReduced(axis) ? row : column;
      place = place * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(index[axis]);
    }
    move(source, linear, matrix.data.data(), row * columns + column);
  });
  const Shape flat = {static_cast<std::int64_t>(columns)};
  const reference::ConstView inputs[] = {matrix.view()};
  mpsbench::OpSpec sum;
  sum.kind = mpsbench::OpKind::reduceSum;
  reference::run(sum, node.dtype, inputs, {result, &flat});
}

/** Whether this chip under this macOS gives wrong products at these sizes: see README.md. */
bool isMultipliedWrongly(const Shape& a, const Shape& b) {
  constexpr std::int64_t kInner = 32'767;
  constexpr std::int64_t kTile = 16;
  constexpr std::int64_t kDimension = 32'768;
  const Scenario& played = scenario();
  const bool isTiled = a[0] >= kTile && b[1] >= kTile;
  if (played.hasLongProductsWrong && isTiled && a[1] >= kInner) return true;
  const bool isOld = std::pair(played.macosMajor, played.macosMinor) < std::pair(14, 4);
  return isOld && std::max({a[0], a[1], b[1]}) > kDimension;
}

void cast(const Node& node, const Operand& source, void* result) {
  std::vector<double> values(reference::elements(node.shape));
  mpsbench::decode(source.data, source.dtype, std::span<double>(values));
  mpsbench::encode(std::span<const double>(values), node.dtype, result);
}

}  // namespace

void compute(const Node& node, const std::vector<Operand>& operands, void* result) {
  if (node.isNchw) {
    return throughNhwc(node, operands, result, [&](const auto& inside, reference::View output) {
      if (node.kind == NodeKind::conv2d) return conv2d(node, inside, output);
      const reference::ConstView inputs[] = {{inside[0].data, inside[0].shape}};
      reference::run(node.spec, node.dtype, inputs, output);
    });
  }
  const reference::View output = {result, &node.shape};
  switch (node.kind) {
    case NodeKind::placeholder:
      return;
    case NodeKind::constant: {
      const std::vector<double> value(reference::elements(node.shape), node.scalar);
      return mpsbench::encode(std::span<const double>(value), node.dtype, result);
    }
    case NodeKind::binary:
      return binary(node, operands, output);
    case NodeKind::cast:
      return cast(node, operands[0], result);
    case NodeKind::transpose:
      return transpose(node, operands[0], result);
    case NodeKind::slice:
      return slice(node, operands[0], result);
    case NodeKind::conv2d:
      return conv2d(node, operands, output);
    case NodeKind::reductionSum:
      return reductionSum(node, operands[0], result);
    case NodeKind::matmul:
      if (isMultipliedWrongly(*operands[0].shape, *operands[1].shape)) {
        const std::vector<double> wrong(reference::elements(node.shape), 12345);
        return mpsbench::encode(std::span<const double>(wrong), node.dtype, result);
      }
      [[fallthrough]];
    case NodeKind::relu:
    case NodeKind::maxPool2d:
    case NodeKind::reshape:
    case NodeKind::softmax: {
      std::vector<reference::ConstView> inputs;
      for (const Operand& operand : operands) inputs.push_back({operand.data, operand.shape});
      return reference::run(node.spec, node.dtype, inputs, output);
    }
  }
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  const auto at = [&](const Shape& shape, std::size_t axis) {
    const std::size_t missing = result.size() - shape.size();
    return axis < missing ? 1 : shape[axis - missing];
  };
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    const auto [low, high] = std::minmax({at(a, axis), at(b, axis)});
    if (low != high && low != 1) return {};
    result[axis] = high;
  }
  return result;
}

std::size_t bytesOf(const Node& node) {
  return reference::elements(node.shape) * mpsbench::sizeOf(node.dtype);
}

std::vector<NodeIndex> neededFor(const std::vector<Node>& nodes,
                                 const std::vector<NodeIndex>& targets) {
  std::vector<bool> needed(nodes.size(), false);
  for (const NodeIndex target : targets) needed[target] = true;
  std::vector<NodeIndex> order;
  // Inputs come before the operations that use them, as they were made.
  for (NodeIndex node = nodes.size(); node-- > 0;) {
    if (!needed[node]) continue;
    for (const NodeIndex input : nodes[node].inputs) needed[input] = true;
    order.push_back(node);
  }
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace metal_double
