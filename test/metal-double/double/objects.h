#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include "double/gpu.h"
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
- (void)blitEnded;
/** Commands of the blit encoder itself. */
- (void)addBlit:(std::function<void()>)command uses:(const metal_double::Uses&)uses;
@end

@interface MetalDoubleBlitEncoder : MetalDoubleObject <MTLBlitCommandEncoder> {
  MetalDoubleCommandBuffer* commandBuffer_;
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
/** Raises the scenario's NSException where it is to be thrown at this place. */
void throwIfPlayed(ThrowsAt place);

}  // namespace metal_double
