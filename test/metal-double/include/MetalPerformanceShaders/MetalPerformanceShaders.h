#pragma once

// The test double's part of Apple's header of this name.
#import <Metal/Metal.h>

#include "double/live_object.h"

NS_ASSUME_NONNULL_BEGIN

typedef NSArray<NSNumber*> MPSShape;

typedef NS_OPTIONS(uint32_t, MPSDataType) {
  MPSDataTypeFloatBit = 0x10000000,
  MPSDataTypeAlternateEncodingBit = 0x80000000,
  MPSDataTypeFloat16 = MPSDataTypeFloatBit | 16,
  MPSDataTypeFloat32 = MPSDataTypeFloatBit | 32,
  MPSDataTypeBFloat16 = MPSDataTypeAlternateEncodingBit | MPSDataTypeFloat16,
};

extern "C" BOOL MPSSupportsMTLDevice(id<MTLDevice> _Nullable device);

@interface MPSCommandBuffer : MetalDoubleObject <MTLCommandBuffer> {
  id<MTLCommandBuffer> root_;
}
@property(readonly) id<MTLCommandBuffer> rootCommandBuffer;
- (instancetype)initWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (void)commitAndContinue;
@end

NS_ASSUME_NONNULL_END
