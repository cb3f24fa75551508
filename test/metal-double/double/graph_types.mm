#include <random>

#include "double/graph.h"
#include "double/objects.h"
#include "double/rules.h"

using metal_double::DType;
using metal_double::Rule;
using metal_double::Shape;

@implementation MPSGraphObject
@end

@implementation MPSGraphShapedType
@synthesize shape = shape_, dataType = dataType_;

- (instancetype)initWithShape:(MPSShape*)shape dataType:(MPSDataType)dataType {
  self = [super init];
  shape_ = [shape copy];
  dataType_ = dataType;
  return self;
}

- (void)dealloc {
  [shape_ release];
  [super dealloc];
}

- (id)copyWithZone:(NSZone*)zone {
  return [[MPSGraphShapedType allocWithZone:zone] initWithShape:shape_ dataType:dataType_];
}
@end

@implementation MPSGraphTensor
@synthesize shape = shape_, dataType = dataType_;

- (void)dealloc {
  [shape_ release];
  [super dealloc];
}

- (id)copyWithZone:(NSZone*)zone {
  return [self retain];
}
@end

@implementation MPSGraphTensor (MetalDouble)
- (instancetype)initWithGraph:(const GraphNodes*)graph
                        index:(NSUInteger)index
                         node:(const metal_double::Node&)node {
  self = [super init];
  graph_ = graph;
  index_ = index;
  shape_ = [metal_double::mpsShapeOf(node.shape) retain];
  dataType_ = metal_double::dataTypeOf(node.dtype);
  return self;
}

- (const GraphNodes*)graphNodes {
  return static_cast<const GraphNodes*>(graph_);
}

- (NSUInteger)nodeIndex {
  return index_;
}
@end

@implementation MPSGraphDevice
@synthesize metalDevice = metalDevice_;

+ (instancetype)deviceWithMTLDevice:(id<MTLDevice>)metalDevice {
  MPSGraphDevice* made = [[[MPSGraphDevice alloc] init] autorelease];
  made->metalDevice_ =
      [metal_double::nonNull(metalDevice, "The device of an MPSGraphDevice") retain];
  return made;
}

- (void)dealloc {
  [metalDevice_ release];
  [super dealloc];
}
@end

@implementation MPSGraphTensorData
@synthesize shape = shape_, dataType = dataType_;

- (instancetype)initWithMTLBuffer:(id<MTLBuffer>)buffer
                            shape:(MPSShape*)shape
                         dataType:(MPSDataType)dataType {
  self = [super init];
  const Shape wanted = metal_double::shapeOf(shape);
  mpsbench::Tensor tensor;
  tensor.shape = wanted;
  tensor.dtype = metal_double::dtypeOf(dataType);
  const NSUInteger length = [metal_double::nonNull(buffer, "The buffer of tensor data") length];
  metal_double::require(length >= tensor.bytes(), Rule::tensorDataFits,
                        "A buffer of " + std::to_string(length) + " bytes for a tensor of " +
                            std::to_string(tensor.bytes()) + ".");
  buffer_ = [buffer retain];
  shape_ = [shape copy];
  dataType_ = dataType;
  return self;
}

- (void)dealloc {
  [buffer_ release];
  [shape_ release];
  [super dealloc];
}
@end

@implementation MPSGraphTensorData (MetalDouble)
- (id<MTLBuffer>)metalBuffer {
  return buffer_;
}
@end

@implementation MPSGraphCompilationDescriptor
@synthesize optimizationLevel = optimizationLevel_,
            waitForCompilationCompletion = waitForCompilationCompletion_;

- (instancetype)init {
  self = [super init];
  optimizationLevel_ = MPSGraphOptimizationLevel1;
  return self;
}
@end

namespace metal_double {

Shape shapeOf(MPSShape* shape) {
  Shape result;
  for (NSNumber* extent in nonNull(shape, "A shape")) result.push_back([extent longLongValue]);
  bool valid = !result.empty();
  for (const std::int64_t extent : result) valid = valid && extent >= 1;
  require(valid, Rule::shapeValid, "The shape " + mpsbench::toString(result) + ".");
  return result;
}

MPSShape* mpsShapeOf(const Shape& shape) {
  NSMutableArray* result = [NSMutableArray array];
  for (const std::int64_t extent : shape) [result addObject:@(extent)];
  return result;
}

DType dtypeOf(MPSDataType dataType) {
  switch (dataType) {
    case MPSDataTypeFloat32:
      return DType::f32;
    case MPSDataTypeFloat16:
      return DType::f16;
    case MPSDataTypeBFloat16:
      require(scenario().macosMajor >= 14, Rule::dataTypeAvailable,
              "MPSDataTypeBFloat16 is new in macOS 14.");
      return DType::bf16;
    default:
      violate(Rule::dataTypeAvailable, "The data type " + std::to_string(dataType) + ".");
  }
}

MPSDataType dataTypeOf(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return MPSDataTypeFloat16;
    case DType::bf16:
      return MPSDataTypeBFloat16;
    case DType::f32:
    case DType::f64:
      break;
  }
  return MPSDataTypeFloat32;
}

std::size_t randomBelow(std::size_t limit) {
  static std::mt19937_64 random(seed());
  return random() % limit;
}

}  // namespace metal_double
