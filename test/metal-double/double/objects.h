#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include "double/gpu.h"
#include "double/msl_compiler.h"
#include "double/msl_machine.h"
#include "double/scenario.h"

/** The classes behind Metal's protocols, for the double's own use. */

@interface MetalDoubleDevice : MetalDoubleObject <MTLDevice> {
  const metal_double::ChipFacts* chip_;
}
- (instancetype)initWithChip:(const metal_double::ChipFacts*)chip;
- (const metal_double::ChipFacts*)chip;
@end

@interface MetalDoubleBuffer : MetalDoubleObject <MTLBuffer> {
  id<MTLDevice> device_;
  metal_double::MemoryRef* memory_;
}
- (instancetype)initWithDevice:(id<MTLDevice>)device memory:(metal_double::MemoryRef)memory;
- (metal_double::MemoryRef)memory;
@end

@interface MetalDoubleQueue : MetalDoubleObject <MTLCommandQueue> {
  id<MTLDevice> device_;
  std::shared_ptr<metal_double::QueueState>* state_;
}
- (instancetype)initWithDevice:(id<MTLDevice>)device;
@end

@interface MetalDoubleCommandBuffer : MetalDoubleObject <MTLCommandBuffer> {
  id<MTLCommandQueue> queue_;
  std::shared_ptr<metal_double::Work>* work_;
  BOOL encoding_;
}
- (instancetype)initWithQueue:(id<MTLCommandQueue>)queue
                        state:(const std::shared_ptr<metal_double::QueueState>&)state;
/** Adds a command. Breaks Rule::encodeBeforeCommit or Rule::oneEncoder where it may not. */
- (void)addCommand:(std::function<void()>)command uses:(const metal_double::Uses&)uses;
- (void)encoderEnded;
/** Commands of the open encoder. */
- (void)addEncoded:(std::function<void()>)command uses:(const metal_double::Uses&)uses;
@end

@interface MetalDoubleBlitEncoder : MetalDoubleObject <MTLBlitCommandEncoder> {
  MetalDoubleCommandBuffer* commandBuffer_;
  BOOL ended_;
}
- (instancetype)initWithCommandBuffer:(MetalDoubleCommandBuffer*)commandBuffer;
@end

@interface MetalDoubleLibrary : MetalDoubleObject <MTLLibrary> {
  id<MTLDevice> device_;
  std::shared_ptr<const metal_double::MslLibrary>* compiled_;
}
- (instancetype)initWithDevice:(id<MTLDevice>)device
                      compiled:(std::shared_ptr<const metal_double::MslLibrary>)compiled;
@end

@interface MetalDoubleFunction : MetalDoubleObject <MTLFunction> {
  id<MTLDevice> device_;
  const metal_double::MslKernel* kernel_;
}
- (instancetype)initWithDevice:(id<MTLDevice>)device kernel:(const metal_double::MslKernel*)kernel;
/** Compiled sources stay for the life of the process. */
- (const metal_double::MslKernel*)kernel;
@end

@interface MetalDoublePipeline : MetalDoubleObject <MTLComputePipelineState> {
  id<MTLDevice> device_;
  const metal_double::MslKernel* kernel_;
}
- (instancetype)initWithDevice:(id<MTLDevice>)device kernel:(const metal_double::MslKernel*)kernel;
- (const metal_double::MslKernel*)kernel;
@end

@interface MetalDoubleComputeEncoder : MetalDoubleObject <MTLComputeCommandEncoder> {
  MetalDoubleCommandBuffer* commandBuffer_;
  const metal_double::MslKernel* kernel_;
  struct MetalDoubleArguments* arguments_;
  BOOL ended_;
}
- (instancetype)initWithCommandBuffer:(MetalDoubleCommandBuffer*)commandBuffer;
@end

@interface MPSCommandBuffer (MetalDouble)
/** What -commitAndContinue does, without asking a subclass. */
- (void)continueInNewBuffer;
@end

namespace metal_double {

/** Devices are the same where their chips are. */
const ChipFacts* chipOf(id<MTLDevice> device);
/** The buffer as the double's class, with its storage. Breaks Rule::sameDevice. */
MemoryRef memoryOf(id<MTLBuffer> buffer, id<MTLDevice> device);
/** The double's own command buffer behind any wrapping. */
MetalDoubleCommandBuffer* rootOf(id<MTLCommandBuffer> commandBuffer);
/** Retained for the caller; nil with an error where the source does not compile. */
id<MTLLibrary> newLibrary(id<MTLDevice> device, NSString* source, MTLCompileOptions* options,
                          NSError** error) NS_RETURNS_RETAINED;
id<MTLComputePipelineState> newPipeline(id<MTLDevice> device,
                                        id<MTLFunction> function) NS_RETURNS_RETAINED;
/** Raises the scenario's NSException where it is to be thrown at this place. */
void throwIfPlayed(ThrowsAt place);

}  // namespace metal_double
