#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <cstdlib>

#include "rule_cases.h"

using metal_double::Rule;

namespace {

constexpr MPSDataType kF32 = MPSDataTypeFloat32;

id<MTLDevice> device(NSUInteger index) {
  return [[MTLCopyAllDevices() autorelease] objectAtIndex:index];
}

MPSCommandBuffer* commandBuffer(NSUInteger on = 0) {
  id<MTLCommandQueue> queue = [[device(on) newCommandQueue] autorelease];
  return [[[MPSCommandBuffer alloc] initWithCommandBuffer:[queue commandBuffer]] autorelease];
}

MPSGraphTensorData* data(MPSShape* shape, id<MTLBuffer> buffer, MPSDataType type = kF32) {
  return [[[MPSGraphTensorData alloc] initWithMTLBuffer:buffer shape:shape
                                               dataType:type] autorelease];
}

id<MTLBuffer> buffer(NSUInteger bytes = 256) {
  return [[device(0) newBufferWithLength:bytes options:0] autorelease];
}

MPSGraphCompilationDescriptor* level(MPSGraphOptimization wanted) {
  MPSGraphCompilationDescriptor* made = [[[MPSGraphCompilationDescriptor alloc] init] autorelease];
  [made setOptimizationLevel:wanted];
  return made;
}

MPSGraphShapedType* type(MPSShape* shape) {
  return [[[MPSGraphShapedType alloc] initWithShape:shape dataType:kF32] autorelease];
}

/** A graph of a [2, 3] input and its ReLU. */
struct Relu {
  MPSGraph* graph = [[MPSGraph new] autorelease];
  MPSGraphTensor* x = [graph placeholderWithShape:@[ @2, @3 ] dataType:kF32 name:nil];
  MPSGraphTensor* y = [graph reLUWithTensor:x name:nil];

  MPSGraphExecutable* compile(NSDictionary* feeds, NSArray* targets,
                              MPSGraphOptimization wanted = MPSGraphOptimizationLevel0) const {
    return [graph compileWithDevice:[MPSGraphDevice deviceWithMTLDevice:device(0)]
                              feeds:feeds
                      targetTensors:targets
                   targetOperations:nil
              compilationDescriptor:level(wanted)];
  }
  [[nodiscard]] NSDictionary* feeds() const {
    return @{x : type(@[ @2, @3 ])};
  }
  [[nodiscard]] MPSGraphExecutable* compile() const { return compile(feeds(), @[ y ]); }
  void encode(NSArray* inputs, NSArray* results, NSUInteger on = 0) const {
    [compile() encodeToCommandBuffer:commandBuffer(on)
                         inputsArray:inputs
                        resultsArray:results
                 executionDescriptor:nil];
  }
};

NSArray* fitting() {
  return @[ data(@[ @2, @3 ], buffer()) ];
}

MPSGraphConvolution2DOpDescriptor* convolution() {
  return
      [MPSGraphConvolution2DOpDescriptor descriptorWithStrideInX:1
                                                       strideInY:1
                                                 dilationRateInX:1
                                                 dilationRateInY:1
                                                          groups:1
                                                     paddingLeft:0
                                                    paddingRight:0
                                                      paddingTop:0
                                                   paddingBottom:0
                                                    paddingStyle:MPSGraphPaddingStyleExplicit
                                                      dataLayout:MPSGraphTensorNamedDataLayoutNHWC
                                                   weightsLayout:MPSGraphTensorNamedDataLayoutHWIO];
}

void convolve(MPSShape* x, MPSShape* weights) {
  MPSGraph* graph = [[MPSGraph new] autorelease];
  [graph convolution2DWithSourceTensor:[graph placeholderWithShape:x dataType:kF32 name:nil]
                         weightsTensor:[graph placeholderWithShape:weights dataType:kF32 name:nil]
                            descriptor:convolution()
                                  name:nil];
}

void changeDescriptor() {
  MPSGraph* graph = [[MPSGraph new] autorelease];
  MPSGraphTensor* x = [graph placeholderWithShape:@[ @1, @4, @4, @1 ] dataType:kF32 name:nil];
  MPSGraphPooling2DOpDescriptor* pool =
      [MPSGraphPooling2DOpDescriptor descriptorWithKernelWidth:2
                                                  kernelHeight:2
                                                     strideInX:2
                                                     strideInY:2
                                                  paddingStyle:MPSGraphPaddingStyleTF_VALID
                                                    dataLayout:MPSGraphTensorNamedDataLayoutNHWC];
  MPSGraphTensor* y = [graph maxPooling2DWithSourceTensor:x descriptor:pool name:nil];
  [pool setKernelWidth:3];
  [graph compileWithDevice:nil
                      feeds:@{
                        x : type(@[ @1, @4, @4, @1 ])
                      }
              targetTensors:@[ y ]
           targetOperations:nil
      compilationDescriptor:level(MPSGraphOptimizationLevel0)];
}

/** Two results of one graph in one buffer. */
void shareResults() {
  const Relu relu;
  MPSGraphTensor* twice = [relu.graph additionWithPrimaryTensor:relu.y
                                                secondaryTensor:relu.y
                                                           name:nil];
  MPSGraphTensorData* shared = data(@[ @2, @3 ], buffer());
  [relu.compile(relu.feeds(), @[ relu.y, twice ]) encodeToCommandBuffer:commandBuffer()
                                                            inputsArray:fitting()
                                                           resultsArray:@[ shared, shared ]
                                                    executionDescriptor:nil];
}

void encodeAfterCommit() {
  MPSCommandBuffer* commands = commandBuffer();
  const Relu relu;
  MPSGraphExecutable* executable = relu.compile();
  [commands commit];
  [executable encodeToCommandBuffer:commands
                        inputsArray:fitting()
                       resultsArray:fitting()
                executionDescriptor:nil];
}

void readWithoutWaiting() {
  const Relu relu;
  id<MTLBuffer> result = buffer();
  volatile float* contents = static_cast<volatile float*>([result contents]);
  MPSCommandBuffer* commands = commandBuffer();
  [relu.compile() encodeToCommandBuffer:commands
                            inputsArray:fitting()
                           resultsArray:@[ data(@[ @2, @3 ], result) ]
                    executionDescriptor:nil];
  [commands commit];
  (void)contents[0];
}

MPSGraphTensor* foreignTensor() {
  // Its graph stays alive with the pool.
  MPSGraph* graph = [[MPSGraph new] autorelease];
  return [graph placeholderWithShape:@[ @2, @3 ] dataType:kF32 name:nil];
}

}  // namespace

std::vector<RuleCase> graphRuleCases() {
  return {
      {Rule::dataTypeAvailable, "a data type that is none of the float ones",
       [] { data(@[ @2 ], buffer(), static_cast<MPSDataType>(8)); }},
      {Rule::dataTypeAvailable, "bf16 before macOS 14",
       [] {
         setenv("MPSBENCH_METAL_DOUBLE", "m1-macos13", 1);
         data(@[ @2 ], buffer(), MPSDataTypeBFloat16);
       }},
      {Rule::shapeValid, "a shape of no dimension",
       [] { [[[MPSGraph new] autorelease] placeholderWithShape:@[] dataType:kF32 name:nil]; }},
      {Rule::shapeValid, "a dimension of zero",
       [] {
         [[[MPSGraph new] autorelease] placeholderWithShape:@[ @2, @0 ] dataType:kF32 name:nil];
       }},
      {Rule::tensorSize, "a tensor of 2^32 bytes",
       [] {
         [[[MPSGraph new] autorelease] placeholderWithShape:@[ @32768, @32768 ]
                                                   dataType:kF32
                                                       name:nil];
       }},
      {Rule::tensorSize, "a sum that MPSGraph broadcasts to 2^32 bytes",
       [] {
         MPSGraph* graph = [[MPSGraph new] autorelease];
         MPSGraphTensor* column = [graph placeholderWithShape:@[ @32768, @1 ]
                                                     dataType:kF32
                                                         name:nil];
         MPSGraphTensor* row = [graph placeholderWithShape:@[ @32768 ] dataType:kF32 name:nil];
         [graph additionWithPrimaryTensor:column secondaryTensor:row name:nil];
       }},
      {Rule::shapesFit, "a slice behind the end",
       [] {
         const Relu relu;
         [relu.graph sliceTensor:relu.x dimension:1 start:2 length:2 name:nil];
       }},
      {Rule::shapesFit, "an addition of [2, 3] and [2]",
       [] {
         const Relu relu;
         MPSGraphTensor* other = [relu.graph placeholderWithShape:@[ @2 ] dataType:kF32 name:nil];
         [relu.graph additionWithPrimaryTensor:relu.x secondaryTensor:other name:nil];
       }},
      {Rule::shapesFit, "a product of [2, 3] and [2, 3]",
       [] {
         const Relu relu;
         [relu.graph matrixMultiplicationWithPrimaryTensor:relu.x secondaryTensor:relu.y name:nil];
       }},
      {Rule::shapesFit, "a reshape to another size",
       [] {
         const Relu relu;
         [relu.graph reshapeTensor:relu.x withShape:@[ @7 ] name:nil];
       }},
      {Rule::shapesFit, "a transposition of a third axis",
       [] {
         const Relu relu;
         [relu.graph transposeTensor:relu.x dimension:0 withDimension:2 name:nil];
       }},
      {Rule::shapesFit, "a sum along a third axis",
       [] {
         const Relu relu;
         [relu.graph reductionSumWithTensor:relu.x axes:@[ @2 ] name:nil];
       }},
      {Rule::shapesFit, "a convolution of other channels",
       [] {
         convolve(@[ @1, @8, @8, @3 ], @[ @3, @3, @1, @4 ]);
       }},
      {Rule::shapesFit, "a window larger than its image",
       [] {
         convolve(@[ @1, @2, @2, @1 ], @[ @3, @3, @1, @4 ]);
       }},
      {Rule::dataTypesMatch, "an addition of f32 and f16",
       [] {
         const Relu relu;
         MPSGraphTensor* half = [relu.graph castTensor:relu.x toType:MPSDataTypeFloat16 name:nil];
         [relu.graph additionWithPrimaryTensor:relu.x secondaryTensor:half name:nil];
       }},
      {Rule::sameGraph, "an operation on another graph's tensor",
       [] {
         const Relu relu;
         [relu.graph reLUWithTensor:foreignTensor() name:nil];
       }},
      {Rule::frozenDescriptor, "a descriptor that changes after its operation", changeDescriptor},
      {Rule::feedsComplete, "a placeholder that is not fed",
       [] {
         const Relu relu;
         relu.compile(@{}, @[ relu.y ]);
       }},
      {Rule::feedsComplete, "a feed of another shape",
       [] {
         const Relu relu;
         relu.compile(
             @{relu.x : type(@[ @3, @2 ])}, @[ relu.y ]);
       }},
      {Rule::targetsValid, "no target",
       [] {
         const Relu relu;
         relu.compile(relu.feeds(), @[]);
       }},
      {Rule::targetsValid, "a target twice",
       [] {
         const Relu relu;
         relu.compile(relu.feeds(), @[ relu.y, relu.y ]);
       }},
      {Rule::optimizationLevel, "the default level",
       [] {
         const Relu relu;
         relu.compile(relu.feeds(), @[ relu.y ], MPSGraphOptimizationLevel1);
       }},
      {Rule::inputsMatch, "no input", [] { Relu().encode(@[], fitting()); }},
      {Rule::inputsMatch, "an input of another shape",
       [] {
         Relu().encode(@[ data(@[ @3, @2 ], buffer()) ], fitting());
       }},
      {Rule::inputsMatch, "an input of another data type",
       [] {
         Relu().encode(@[ data(@[ @2, @3 ], buffer(), MPSDataTypeFloat16) ], fitting());
       }},
      {Rule::resultsMatch, "a result of another shape",
       [] { Relu().encode(fitting(), @[ data(@[ @6 ], buffer()) ]); }},
      {Rule::resultsMatch, "no result", [] { Relu().encode(fitting(), @[]); }},
      {Rule::noAliasing, "a result in its input",
       [] {
         NSArray* both = fitting();
         Relu().encode(both, both);
       }},
      {Rule::noAliasing, "two results in one buffer", shareResults},
      {Rule::tensorDataFits, "a buffer of one value too few",
       [] {
         data(@[ @2, @3 ], buffer(20));
       }},
      {Rule::sameDevice, "an executable on another device",
       [] { Relu().encode(fitting(), fitting(), 1); }},
      {Rule::encodeBeforeCommit, "a graph encoded after the commit", encodeAfterCommit},
      {Rule::gpuBusy, "a result of a graph read without a wait", readWithoutWaiting},
      {Rule::aliveObject, "a graph released while its compilation is asked for",
       [] {
         MPSGraph* graph = [MPSGraph new];
         [graph release];
         [graph setOptions:MPSGraphOptionsNone];
       }},
      {Rule::argument, "an operation on nothing",
       [] {
         MPSGraphTensor* nothing = nil;
         [[[MPSGraph new] autorelease] reLUWithTensor:nothing name:nil];
       }},
  };
}
