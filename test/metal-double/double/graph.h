#pragma once

#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <memory>

#include "double/graph_nodes.h"

struct GraphNodes {
  std::vector<metal_double::Node> nodes;
  /** Owns the tensors, one a node. */
  NSMutableArray* tensors = nil;
};

/** What an executable was compiled to, and for which device; null where for any. */
struct CompiledGraph {
  std::shared_ptr<const metal_double::Program> program;
  const void* chip = nullptr;
};

@interface MPSGraphTensor (MetalDouble)
- (instancetype)initWithGraph:(const GraphNodes*)graph
                        index:(NSUInteger)index
                         node:(const metal_double::Node&)node;
- (const GraphNodes*)graphNodes;
- (NSUInteger)nodeIndex;
@end

@interface MPSGraphTensorData (MetalDouble)
- (id<MTLBuffer>)metalBuffer;
@end

@interface MPSGraphConvolution2DOpDescriptor (MetalDouble)
/** Fills the attributes of `node`; breaks Rule::shapesFit for what the double does not compute. */
- (void)describe:(metal_double::Node*)node;
@end

@interface MPSGraphPooling2DOpDescriptor (MetalDouble)
- (void)describe:(metal_double::Node*)node;
@end

@interface MPSGraphExecutable (MetalDouble)
- (instancetype)initWithCompiled:(CompiledGraph)compiled
                           feeds:(NSArray*)feeds
                         targets:(NSArray*)targets;
@end

namespace metal_double {

/** Breaks Rule::shapeValid. */
Shape shapeOf(MPSShape* shape);
MPSShape* mpsShapeOf(const Shape& shape);
/** Breaks Rule::dataTypeAvailable. */
DType dtypeOf(MPSDataType dataType);
MPSDataType dataTypeOf(DType dtype);
/** A random whole number below `limit`, from the seed of the scenario. */
std::size_t randomBelow(std::size_t limit);

}  // namespace metal_double
