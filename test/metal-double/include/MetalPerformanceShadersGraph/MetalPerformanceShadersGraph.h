#pragma once

// The test double's part of Apple's header of this name: the calls that the backend uses, as they
// are declared in the SDK of macOS 14.
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

NS_ASSUME_NONNULL_BEGIN

typedef NS_ENUM(uint64_t, MPSGraphOptions) {
  MPSGraphOptionsNone = 0,
  MPSGraphOptionsSynchronizeResults = 1,
  MPSGraphOptionsVerbose = 2,
  MPSGraphOptionsDefault = MPSGraphOptionsSynchronizeResults,
};

typedef NS_ENUM(NSUInteger, MPSGraphTensorNamedDataLayout) {
  MPSGraphTensorNamedDataLayoutNCHW = 0,
  MPSGraphTensorNamedDataLayoutNHWC = 1,
  MPSGraphTensorNamedDataLayoutOIHW = 2,
  MPSGraphTensorNamedDataLayoutHWIO = 3,
};

typedef NS_ENUM(NSUInteger, MPSGraphPaddingStyle) {
  MPSGraphPaddingStyleExplicit = 0,
  MPSGraphPaddingStyleTF_VALID = 1,
  MPSGraphPaddingStyleTF_SAME = 2,
};

typedef NS_ENUM(uint64_t, MPSGraphOptimization) {
  MPSGraphOptimizationLevel0 = 0,
  MPSGraphOptimizationLevel1 = 1,
};

@class MPSGraph;
@class MPSGraphOperation;

@interface MPSGraphObject : MetalDoubleObject
@end

@interface MPSGraphShapedType : MPSGraphObject <NSCopying> {
  MPSShape* shape_;
  MPSDataType dataType_;
}
@property(readwrite, copy, nullable) MPSShape* shape;
@property(readwrite) MPSDataType dataType;
- (instancetype)initWithShape:(nullable MPSShape*)shape dataType:(MPSDataType)dataType;
@end

/** Compared and hashed by identity; a copy is the object itself. */
@interface MPSGraphTensor : MPSGraphObject <NSCopying> {
  MPSShape* shape_;
  MPSDataType dataType_;
  const void* graph_;
  NSUInteger index_;
}
@property(readonly, nullable) MPSShape* shape;
@property(readonly) MPSDataType dataType;
@end

@interface MPSGraphDevice : MPSGraphObject {
  id<MTLDevice> metalDevice_;
}
@property(readonly, nullable) id<MTLDevice> metalDevice;
+ (instancetype)deviceWithMTLDevice:(id<MTLDevice>)metalDevice;
@end

@interface MPSGraphTensorData : MPSGraphObject {
  id<MTLBuffer> buffer_;
  MPSShape* shape_;
  MPSDataType dataType_;
}
@property(readonly) MPSShape* shape;
@property(readonly) MPSDataType dataType;
- (instancetype)initWithMTLBuffer:(id<MTLBuffer>)buffer
                            shape:(MPSShape*)shape
                         dataType:(MPSDataType)dataType;
@end

@interface MPSGraphCompilationDescriptor : MPSGraphObject {
  MPSGraphOptimization optimizationLevel_;
  BOOL waitForCompilationCompletion_;
}
@property(readwrite) MPSGraphOptimization optimizationLevel;
@property(readwrite) BOOL waitForCompilationCompletion;
@end

@class MPSGraphExecutableExecutionDescriptor;

@interface MPSGraphExecutable : MPSGraphObject {
  struct CompiledGraph* compiled_;
  MPSGraphOptions options_;
  NSArray<MPSGraphTensor*>* feedTensors_;
  NSArray<MPSGraphTensor*>* targetTensors_;
}
@property(readwrite) MPSGraphOptions options;
@property(readonly, nullable) NSArray<MPSGraphTensor*>* feedTensors;
@property(readonly, nullable) NSArray<MPSGraphTensor*>* targetTensors;
- (NSArray<MPSGraphTensorData*>*)
    encodeToCommandBuffer:(MPSCommandBuffer*)commandBuffer
              inputsArray:(NSArray<MPSGraphTensorData*>*)inputsArray
             resultsArray:(nullable NSArray<MPSGraphTensorData*>*)resultsArray
      executionDescriptor:(nullable MPSGraphExecutableExecutionDescriptor*)executionDescriptor;
@end

@interface MPSGraphConvolution2DOpDescriptor : MPSGraphObject {
  NSUInteger numbers_[9];
  MPSGraphPaddingStyle paddingStyle_;
  MPSGraphTensorNamedDataLayout dataLayout_;
  MPSGraphTensorNamedDataLayout weightsLayout_;
}
@property(readwrite) NSUInteger strideInX;
+ (nullable instancetype)descriptorWithStrideInX:(NSUInteger)strideInX
                                       strideInY:(NSUInteger)strideInY
                                 dilationRateInX:(NSUInteger)dilationRateInX
                                 dilationRateInY:(NSUInteger)dilationRateInY
                                          groups:(NSUInteger)groups
                                     paddingLeft:(NSUInteger)paddingLeft
                                    paddingRight:(NSUInteger)paddingRight
                                      paddingTop:(NSUInteger)paddingTop
                                   paddingBottom:(NSUInteger)paddingBottom
                                    paddingStyle:(MPSGraphPaddingStyle)paddingStyle
                                      dataLayout:(MPSGraphTensorNamedDataLayout)dataLayout
                                   weightsLayout:(MPSGraphTensorNamedDataLayout)weightsLayout;
@end

@interface MPSGraphPooling2DOpDescriptor : MPSGraphObject {
  NSUInteger numbers_[4];
  MPSGraphPaddingStyle paddingStyle_;
  MPSGraphTensorNamedDataLayout dataLayout_;
}
@property(readwrite) NSUInteger kernelWidth;
+ (nullable instancetype)descriptorWithKernelWidth:(NSUInteger)kernelWidth
                                      kernelHeight:(NSUInteger)kernelHeight
                                         strideInX:(NSUInteger)strideInX
                                         strideInY:(NSUInteger)strideInY
                                      paddingStyle:(MPSGraphPaddingStyle)paddingStyle
                                        dataLayout:(MPSGraphTensorNamedDataLayout)dataLayout;
@end

@interface MPSGraph : MPSGraphObject {
  struct GraphNodes* nodes_;
  MPSGraphOptions options_;
}
@property(readwrite) MPSGraphOptions options;
+ (instancetype)new;

- (MPSGraphTensor*)placeholderWithShape:(nullable MPSShape*)shape
                               dataType:(MPSDataType)dataType
                                   name:(nullable NSString*)name;
- (MPSGraphTensor*)constantWithScalar:(double)scalar dataType:(MPSDataType)dataType;
- (MPSGraphTensor*)additionWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                             secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                        name:(nullable NSString*)name;
- (MPSGraphTensor*)subtractionWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                                secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                           name:(nullable NSString*)name;
- (MPSGraphTensor*)multiplicationWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                                   secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                              name:(nullable NSString*)name;
- (MPSGraphTensor*)castTensor:(MPSGraphTensor*)tensor
                       toType:(MPSDataType)type
                         name:(nullable NSString*)name;
- (MPSGraphTensor*)transposeTensor:(MPSGraphTensor*)tensor
                         dimension:(NSUInteger)dimensionIndex
                     withDimension:(NSUInteger)dimensionIndex2
                              name:(nullable NSString*)name;
- (MPSGraphTensor*)transposeTensor:(MPSGraphTensor*)tensor
                       permutation:(NSArray<NSNumber*>*)permutation
                              name:(nullable NSString*)name;
- (MPSGraphTensor*)matrixMultiplicationWithPrimaryTensor:(MPSGraphTensor*)primaryTensor
                                         secondaryTensor:(MPSGraphTensor*)secondaryTensor
                                                    name:(nullable NSString*)name;
- (MPSGraphTensor*)reLUWithTensor:(MPSGraphTensor*)tensor name:(nullable NSString*)name;
- (MPSGraphTensor*)convolution2DWithSourceTensor:(MPSGraphTensor*)source
                                   weightsTensor:(MPSGraphTensor*)weights
                                      descriptor:(MPSGraphConvolution2DOpDescriptor*)descriptor
                                            name:(nullable NSString*)name;
- (MPSGraphTensor*)maxPooling2DWithSourceTensor:(MPSGraphTensor*)source
                                     descriptor:(MPSGraphPooling2DOpDescriptor*)descriptor
                                           name:(nullable NSString*)name;
- (MPSGraphTensor*)reshapeTensor:(MPSGraphTensor*)tensor
                       withShape:(MPSShape*)shape
                            name:(nullable NSString*)name;
- (MPSGraphTensor*)sliceTensor:(MPSGraphTensor*)tensor
                     dimension:(NSUInteger)dimensionIndex
                         start:(NSInteger)start
                        length:(NSInteger)length
                          name:(nullable NSString*)name;
- (MPSGraphTensor*)softMaxWithTensor:(MPSGraphTensor*)tensor
                                axis:(NSInteger)axis
                                name:(nullable NSString*)name;
- (MPSGraphTensor*)reductionSumWithTensor:(MPSGraphTensor*)tensor
                                     axes:(nullable NSArray<NSNumber*>*)axes
                                     name:(nullable NSString*)name;

- (MPSGraphExecutable*)compileWithDevice:(nullable MPSGraphDevice*)device
                                   feeds:(NSDictionary<MPSGraphTensor*, MPSGraphShapedType*>*)feeds
                           targetTensors:(NSArray<MPSGraphTensor*>*)targetTensors
                        targetOperations:(nullable NSArray<MPSGraphOperation*>*)targetOperations
                   compilationDescriptor:
                       (nullable MPSGraphCompilationDescriptor*)compilationDescriptor;
@end

NS_ASSUME_NONNULL_END
