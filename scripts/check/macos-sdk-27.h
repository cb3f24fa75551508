// What the SDKs of macOS 26 and 27 add to those before, as far as mpsbench uses it: typecheck-metal.mjs puts this in front
// of every Objective-C++ source where the SDK at hand is older, so that code for newer SDKs is compiled too.
//
// Sources, read in November 2026:
//   MPSGraphReducedPrecisionFastMath: developer.apple.com/documentation/metalperformanceshadersgraph, macOS 26.0; its
//     values as ronaldoussoren/pyobjc tests them
//   MTLGPUFamilyApple10: SDK 27 (in SDK 26 the family is a number without a name); MTLGPUFamilyMetal4: SDK 26
#pragma once

#import <Metal/Metal.h>
#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

typedef NS_OPTIONS(NSUInteger, MPSGraphReducedPrecisionFastMath) {
  MPSGraphReducedPrecisionFastMathNone = 0,
  MPSGraphReducedPrecisionFastMathAllowFP16Conv2DWinogradTransformIntermediate = 1 << 1,
  MPSGraphReducedPrecisionFastMathAllowConvertingOperandsFromFP32ToFP19 = 1 << 2,
  MPSGraphReducedPrecisionFastMathAllowFP16Intermediates =
      MPSGraphReducedPrecisionFastMathAllowFP16Conv2DWinogradTransformIntermediate,
  MPSGraphReducedPrecisionFastMathDefault = MPSGraphReducedPrecisionFastMathNone,
} API_AVAILABLE(macos(26.0));

@interface MPSGraphCompilationDescriptor (MacOs26)
@property(readwrite, nonatomic)
    MPSGraphReducedPrecisionFastMath reducedPrecisionFastMath API_AVAILABLE(macos(26.0));
@end

static constexpr MTLGPUFamily MTLGPUFamilyApple10 API_AVAILABLE(macos(26.0)) =
    static_cast<MTLGPUFamily>(1010);
static constexpr MTLGPUFamily MTLGPUFamilyMetal4 API_AVAILABLE(macos(26.0)) =
    static_cast<MTLGPUFamily>(5002);
