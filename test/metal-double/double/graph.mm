#include "double/graph.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "double/objects.h"
#include "double/rules.h"

using metal_double::DType;
using metal_double::Node;
using metal_double::NodeIndex;
using metal_double::NodeKind;
using metal_double::Rule;
using metal_double::Shape;
using mpsbench::OpKind;

namespace {

std::string text(const Shape& shape) {
  return mpsbench::toString(shape);
}

}  // namespace

@implementation MPSGraph
@synthesize options = options_;

+ (instancetype)new {
  return [[self alloc] init];
}

- (instancetype)init {
  self = [super init];
  nodes_ = new GraphNodes;
  nodes_->tensors = [[NSMutableArray alloc] init];
  return self;
}

- (void)dealloc {
  [nodes_->tensors release];
  delete nodes_;
  [super dealloc];
}

- (NodeIndex)indexOf:(MPSGraphTensor*)tensor {
  metal_double::nonNull(tensor, "A tensor of an operation");
  metal_double::require([tensor graphNodes] == nodes_, Rule::sameGraph,
                        "A tensor of another graph is used.");
  return [tensor nodeIndex];
}

- (const Node&)nodeOf:(MPSGraphTensor*)tensor {
  return nodes_->nodes[[self indexOf:tensor]];
}

- (MPSGraphTensor*)add:(const Node&)node {
  constexpr std::size_t kLargestTensor = (std::size_t{1} << 32) - 1;
  metal_double::require(metal_double::bytesOf(node) <= kLargestTensor, Rule::tensorSize,
                        "A tensor of " + text(node.shape) + ".");
  nodes_->nodes.push_back(node);
  MPSGraphTensor* made = [[[MPSGraphTensor alloc] initWithGraph:nodes_
                                                          index:nodes_->nodes.size() - 1
                                                           node:node] autorelease];
  [nodes_->tensors addObject:made];
  return made;
}

/** A node of the tensor's data type that takes it as its first input. */
- (Node)nodeOn:(MPSGraphTensor*)tensor kind:(NodeKind)kind {
  Node node;
  node.kind = kind;
  node.inputs = {[self indexOf:tensor]};
  node.shape = [self nodeOf:tensor].shape;
  node.dtype = [self nodeOf:tensor].dtype;
  return node;
}

- (Node)nodeOn:(MPSGraphTensor*)first and:(MPSGraphTensor*)second kind:(NodeKind)kind {
  Node node = [self nodeOn:first kind:kind];
  node.inputs.push_back([self indexOf:second]);
  metal_double::require([self nodeOf:second].dtype == node.dtype, Rule::dataTypesMatch,
                        std::string("An operation takes ") + mpsbench::name(node.dtype) + " and " +
                            mpsbench::name([self nodeOf:second].dtype) + ".");
  return node;
}

- (MPSGraphTensor*)placeholderWithShape:(MPSShape*)shape
                               dataType:(MPSDataType)dataType
                                   name:(NSString*)name {
  Node node;
  node.shape = metal_double::shapeOf(shape);
  node.dtype = metal_double::dtypeOf(dataType);
  return [self add:node];
}

- (MPSGraphTensor*)constantWithScalar:(double)scalar dataType:(MPSDataType)dataType {
  Node node;
  node.kind = NodeKind::constant;
  node.shape = {1};
  node.dtype = metal_double::dtypeOf(dataType);
  node.scalar = scalar;
  return [self add:node];
}

- (MPSGraphTensor*)binary:(OpKind)kind of:(MPSGraphTensor*)first and:(MPSGraphTensor*)second {
  Node node = [self nodeOn:first and:second kind:NodeKind::binary];
  node.spec.kind = kind;
  const Shape& other = [self nodeOf:second].shape;
  const Shape common = metal_double::broadcast(node.shape, other);
  metal_double::require(
      !common.empty(), Rule::shapesFit,
      "An element-wise operation on " + text(node.shape) + " and " + text(other) + ".");
  node.shape = common;
  return [self add:node];
}

- (MPSGraphTensor*)additionWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                             secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                        name:(NSString*)name {
  return [self binary:OpKind::add of:primaryTensor and:secondaryTensor];
}

- (MPSGraphTensor*)subtractionWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                                secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                           name:(NSString*)name {
  return [self binary:OpKind::sub of:primaryTensor and:secondaryTensor];
}

- (MPSGraphTensor*)multiplicationWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                                   secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                              name:(NSString*)name {
  return [self binary:OpKind::mul of:primaryTensor and:secondaryTensor];
}

- (MPSGraphTensor*)castTensor:(MPSGraphTensor*)tensor
                       toType:(MPSDataType)type
                         name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::cast];
  node.dtype = metal_double::dtypeOf(type);
  return [self add:node];
}

- (MPSGraphTensor*)transposeTensor:(MPSGraphTensor*)tensor
                         dimension:(NSUInteger)dimensionIndex
                     withDimension:(NSUInteger)dimensionIndex2
                              name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::transpose];
  metal_double::require(std::max(dimensionIndex, dimensionIndex2) < node.shape.size(),
                        Rule::shapesFit, "A transposition of " + text(node.shape) + ".");
  node.permutation.resize(node.shape.size());
  std::iota(node.permutation.begin(), node.permutation.end(), std::size_t{0});
  std::swap(node.permutation[dimensionIndex], node.permutation[dimensionIndex2]);
  std::swap(node.shape[dimensionIndex], node.shape[dimensionIndex2]);
  return [self add:node];
}

- (MPSGraphTensor*)transposeTensor:(MPSGraphTensor*)tensor
                       permutation:(NSArray<NSNumber*>*)permutation
                              name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::transpose];
  const Shape source = node.shape;
  node.shape.clear();
  std::set<std::size_t> axes;
  for (NSNumber* axis in metal_double::nonNull(permutation, "The axes of a transposition")) {
    const std::size_t index = [axis unsignedIntegerValue];
    metal_double::require(index < source.size() && axes.insert(index).second, Rule::shapesFit,
                          "A transposition of " + text(source) + " names an axis twice or none.");
    node.permutation.push_back(index);
    node.shape.push_back(source[index]);
  }
  metal_double::require(node.shape.size() == source.size(), Rule::shapesFit,
                        "A transposition of " + text(source) + " leaves an axis out.");
  return [self add:node];
}

- (MPSGraphTensor*)matrixMultiplicationWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                                         secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                                    name:(NSString*)name {
  Node node = [self nodeOn:primaryTensor and:secondaryTensor kind:NodeKind::matmul];
  node.spec.kind = OpKind::matmul;
  const Shape& a = [self nodeOf:primaryTensor].shape;
  const Shape& b = [self nodeOf:secondaryTensor].shape;
  metal_double::require(a.size() == 2 && b.size() == 2 && a[1] == b[0], Rule::shapesFit,
                        "A matrix product of " + text(a) + " and " + text(b) + ".");
  node.shape = {a[0], b[1]};
  return [self add:node];
}

- (MPSGraphTensor*)reLUWithTensor:(MPSGraphTensor*)tensor name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::relu];
  node.spec.kind = OpKind::relu;
  return [self add:node];
}

- (MPSGraphTensor*)convolution2DWithSourceTensor:(MPSGraphTensor*)source
                                   weightsTensor:(MPSGraphTensor*)weights
                                      descriptor:(MPSGraphConvolution2DOpDescriptor*)descriptor
                                            name:(NSString*)name {
  Node node = [self nodeOn:source and:weights kind:NodeKind::conv2d];
  [metal_double::nonNull(descriptor, "The descriptor of a convolution") describe:&node];
  const Shape& x = [self nodeOf:source].shape;
  const Shape& f = [self nodeOf:weights].shape;
  // Where height, width and channels of the images, and of the filters, stand.
  const std::size_t y = node.isNchw ? 2 : 1;
  const std::size_t channels = node.isNchw ? 1 : 3;
  const std::size_t fy = node.isNchw ? 2 : 0;
  bool fits = x.size() == 4 && f.size() == 4 && x[channels] == f[node.isNchw ? 1 : 2];
  if (fits) {
    const std::int64_t height = x[y] + node.padding[0] + node.padding[1] - f[fy];
    const std::int64_t width = x[y + 1] + node.padding[2] + node.padding[3] - f[fy + 1];
    fits = height >= 0 && width >= 0;
    node.shape = x;
    node.shape[y] = height / node.spec.strides[0] + 1;
    node.shape[y + 1] = width / node.spec.strides[1] + 1;
    node.shape[channels] = f[node.isNchw ? 0 : 3];
  }
  metal_double::require(fits, Rule::shapesFit,
                        "A convolution of " + text(x) + " with " + text(f) + ".");
  return [self add:node];
}

- (MPSGraphTensor*)maxPooling2DWithSourceTensor:(MPSGraphTensor*)source
                                     descriptor:(MPSGraphPooling2DOpDescriptor*)descriptor
                                           name:(NSString*)name {
  Node node = [self nodeOn:source kind:NodeKind::maxPool2d];
  [metal_double::nonNull(descriptor, "The descriptor of a pooling") describe:&node];
  const Shape x = node.shape;
  const std::size_t y = node.isNchw ? 2 : 1;
  const auto& [height, width] = node.spec.window;
  metal_double::require(x.size() == 4 && x[y] >= height && x[y + 1] >= width, Rule::shapesFit,
                        "A pooling of " + text(x) + ".");
  node.shape[y] = (x[y] - height) / node.spec.strides[0] + 1;
  node.shape[y + 1] = (x[y + 1] - width) / node.spec.strides[1] + 1;
  return [self add:node];
}

- (MPSGraphTensor*)reshapeTensor:(MPSGraphTensor*)tensor
                       withShape:(MPSShape*)shape
                            name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::reshape];
  node.spec.kind = OpKind::reshape;
  const std::size_t bytes = metal_double::bytesOf(node);
  node.shape = metal_double::shapeOf(shape);
  metal_double::require(
      metal_double::bytesOf(node) == bytes, Rule::shapesFit,
      "A reshape of " + text([self nodeOf:tensor].shape) + " to " + text(node.shape) + ".");
  return [self add:node];
}

- (MPSGraphTensor*)sliceTensor:(MPSGraphTensor*)tensor
                     dimension:(NSUInteger)dimensionIndex
                         start:(NSInteger)start
                        length:(NSInteger)length
                          name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::slice];
  metal_double::require(dimensionIndex < node.shape.size() && start >= 0 && length >= 1 &&
                            start + length <= node.shape[dimensionIndex],
                        Rule::shapesFit, "A slice of " + text(node.shape) + ".");
  node.axis = dimensionIndex;
  node.start = start;
  node.shape[dimensionIndex] = length;
  return [self add:node];
}

- (MPSGraphTensor*)softMaxWithTensor:(MPSGraphTensor*)tensor
                                axis:(NSInteger)axis
                                name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::softmax];
  node.spec.kind = OpKind::softmax;
  const auto last = static_cast<NSInteger>(node.shape.size()) - 1;
  metal_double::require(axis == last || axis == -1, Rule::shapesFit,
                        "The double computes softmax along the last axis only, not along " +
                            std::to_string(axis) + " of " + text(node.shape) + ".");
  return [self add:node];
}

- (MPSGraphTensor*)reductionSumWithTensor:(MPSGraphTensor*)tensor
                                     axes:(NSArray<NSNumber*>*)axes
                                     name:(NSString*)name {
  Node node = [self nodeOn:tensor kind:NodeKind::reductionSum];
  for (NSNumber* axis in metal_double::nonNull(axes, "The axes of a sum")) {
    const std::size_t index = [axis unsignedIntegerValue];
    metal_double::require(
        index < node.shape.size(), Rule::shapesFit,
        "A sum along axis " + std::to_string(index) + " of " + text(node.shape) + ".");
    node.reduced.push_back(index);
    node.shape[index] = 1;
  }
  return [self add:node];
}

/** The fed placeholders, checked against their types. */
- (std::set<NodeIndex>)placeholdersOf:(NSDictionary*)feeds {
  std::set<NodeIndex> fed;
  for (MPSGraphTensor* tensor in metal_double::nonNull(feeds, "The feeds")) {
    const Node& node = [self nodeOf:tensor];
    MPSGraphShapedType* type = [feeds objectForKey:tensor];
    metal_double::require(
        node.kind == NodeKind::placeholder && metal_double::shapeOf([type shape]) == node.shape &&
            metal_double::dtypeOf([type dataType]) == node.dtype,
        Rule::feedsComplete, "The feed of a tensor of " + text(node.shape) + " does not fit it.");
    fed.insert([tensor nodeIndex]);
  }
  return fed;
}

- (std::vector<NodeIndex>)indicesOf:(NSArray*)targets {
  std::vector<NodeIndex> indices;
  for (MPSGraphTensor* tensor in metal_double::nonNull(targets, "The targets")) {
    const NodeIndex index = [self indexOf:tensor];
    metal_double::require(std::find(indices.begin(), indices.end(), index) == indices.end(),
                          Rule::targetsValid, "A tensor is a target twice.");
    indices.push_back(index);
  }
  metal_double::require(!indices.empty(), Rule::targetsValid, "There is no target.");
  return indices;
}

- (MPSGraphExecutable*)compileWithDevice:(MPSGraphDevice*)device
                                   feeds:(NSDictionary<MPSGraphTensor*, MPSGraphShapedType*>*)feeds
                           targetTensors:(NSArray<MPSGraphTensor*>*)targetTensors
                        targetOperations:(NSArray<MPSGraphOperation*>*)targetOperations
                   compilationDescriptor:(MPSGraphCompilationDescriptor*)compilationDescriptor {
  metal_double::throwIfPlayed(metal_double::ThrowsAt::compile);
  metal_double::require(compilationDescriptor != nil &&
                            [compilationDescriptor optimizationLevel] == MPSGraphOptimizationLevel0,
                        Rule::optimizationLevel, "The level is not 0.");
  const std::set<NodeIndex> fed = [self placeholdersOf:feeds];
  auto program = std::make_shared<metal_double::Program>();
  program->nodes = nodes_->nodes;
  program->order = metal_double::neededFor(nodes_->nodes, [self indicesOf:targetTensors]);
  for (const NodeIndex index : program->order) {
    const Node& node = nodes_->nodes[index];
    metal_double::require(node.kind != NodeKind::placeholder || fed.contains(index),
                          Rule::feedsComplete,
                          "A placeholder of " + text(node.shape) + " is not fed.");
    metal_double::require(
        node.descriptorUnchanged(), Rule::frozenDescriptor,
        "The descriptor of an operation that gives " + text(node.shape) + " has changed.");
  }
  // The executable has an order of its own: whoever assumes that of the arguments is found out.
  NSArray* feedTensors = [self shuffled:[feeds allKeys] indices:&program->feeds];
  NSArray* targets = [self shuffled:targetTensors indices:&program->targets];
  const void* chip = device == nil ? nullptr : metal_double::chipOf([device metalDevice]);
  return [[[MPSGraphExecutable alloc] initWithCompiled:{program, chip}
                                                 feeds:feedTensors
                                               targets:targets] autorelease];
}

- (NSArray*)shuffled:(NSArray*)tensors indices:(std::vector<NodeIndex>*)indices {
  NSMutableArray* result = [NSMutableArray array];
  for (MPSGraphTensor* tensor in tensors) {
    const std::size_t place = metal_double::randomBelow([result count] + 1);
    [result insertObject:tensor atIndex:place];
    indices->insert(indices->begin() + static_cast<std::ptrdiff_t>(place), [tensor nodeIndex]);
  }
  return result;
}
@end
