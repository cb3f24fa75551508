#include <cstring>

#include "double/objects.h"
#include "double/rules.h"

using metal_double::Access;
using metal_double::Progress;
using metal_double::Rule;

NSErrorDomain const MTLCommandBufferErrorDomain = @"MTLCommandBufferErrorDomain";

namespace {

void requireBlitSize(NSUInteger bytes) {
  metal_double::require(bytes <= NSUInteger{1} << 31, Rule::blitSize,
                        "A blit of " + std::to_string(bytes) + " bytes.");
}

}  // namespace

@implementation MetalDoubleQueue
- (instancetype)initWithDevice:(id<MTLDevice>)device {
  self = [super init];
  device_ = [device retain];
  state_ =
      new std::shared_ptr<metal_double::QueueState>(std::make_shared<metal_double::QueueState>());
  return self;
}

- (void)dealloc {
  (*state_)->close();
  delete state_;
  [device_ release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return device_;
}

- (id<MTLCommandBuffer>)commandBuffer {
  (*state_)->willCreate();
  return [[[MetalDoubleCommandBuffer alloc] initWithQueue:self state:*state_] autorelease];
}
@end

@implementation MetalDoubleCommandBuffer
- (instancetype)initWithQueue:(id<MTLCommandQueue>)queue
                        state:(const std::shared_ptr<metal_double::QueueState>&)state {
  self = [super init];
  queue_ = [queue retain];
  work_ = new std::shared_ptr<metal_double::Work>(std::make_shared<metal_double::Work>(state));
  state->created(*work_);
  return self;
}

- (void)dealloc {
  delete work_;
  [queue_ release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return [queue_ device];
}

- (id<MTLCommandQueue>)commandQueue {
  return queue_;
}

- (void)requireUncommitted:(const char*)what {
  metal_double::require(!(*work_)->committed(), Rule::encodeBeforeCommit,
                        std::string(what) + " into a committed command buffer.");
  metal_double::require(!encoding_, Rule::oneEncoder,
                        std::string(what) + " while an encoder is open.");
}

- (void)addCommand:(std::function<void()>)command uses:(const metal_double::Uses&)uses {
  [self requireUncommitted:"A graph was encoded"];
  (*work_)->add(uses, std::move(command));
}

- (void)addEncoded:(std::function<void()>)command uses:(const metal_double::Uses&)uses {
  (*work_)->add(uses, std::move(command));
}

- (id<MTLBlitCommandEncoder>)blitCommandEncoder {
  [self requireUncommitted:"A blit encoder was asked for"];
  encoding_ = YES;
  return [[[MetalDoubleBlitEncoder alloc] initWithCommandBuffer:self] autorelease];
}

- (id<MTLComputeCommandEncoder>)computeCommandEncoder {
  [self requireUncommitted:"A compute encoder was asked for"];
  encoding_ = YES;
  return [[[MetalDoubleComputeEncoder alloc] initWithCommandBuffer:self] autorelease];
}

- (void)encoderEnded {
  encoding_ = NO;
}

- (void)commit {
  metal_double::require(!(*work_)->committed(), Rule::commitOnce,
                        "-commit was sent to a committed command buffer.");
  metal_double::require(!encoding_, Rule::encoderEnded,
                        "-commit was sent while an encoder is open.");
  (*work_)->commit();
}

- (void)waitUntilCompleted {
  metal_double::require((*work_)->committed(), Rule::waitAfterCommit,
                        "-waitUntilCompleted was sent to a command buffer before its commit.");
  (*work_)->wait();
}

- (MTLCommandBufferStatus)status {
  switch ((*work_)->observe()) {
    case Progress::recording:
      return MTLCommandBufferStatusNotEnqueued;
    case Progress::committed:
      return MTLCommandBufferStatusCommitted;
    case Progress::completed:
      return MTLCommandBufferStatusCompleted;
    case Progress::failed:
      return MTLCommandBufferStatusError;
  }
}

- (void)requireObserved:(const char*)property {
  metal_double::require((*work_)->observed(), Rule::resultsAfterCompletion,
                        std::string(property) + " was read before the end was waited for.");
}

- (NSError*)error {
  [self requireObserved:"error"];
  const auto code = (*work_)->error();
  if (!code) return nil;
  NSString* text = [NSString stringWithFormat:@"the scenario's error %d (double)", *code];
  const std::string& said = metal_double::scenario().errorText;
  if (!said.empty()) text = [NSString stringWithUTF8String:said.c_str()];
  return [NSError errorWithDomain:MTLCommandBufferErrorDomain
                             code:*code
                         userInfo:@{NSLocalizedDescriptionKey : text}];
}

- (CFTimeInterval)GPUStartTime {
  [self requireObserved:"GPUStartTime"];
  return (*work_)->startTime();
}

- (CFTimeInterval)GPUEndTime {
  [self requireObserved:"GPUEndTime"];
  return (*work_)->endTime();
}
@end

@implementation MetalDoubleBlitEncoder
- (instancetype)initWithCommandBuffer:(MetalDoubleCommandBuffer*)commandBuffer {
  self = [super init];
  commandBuffer_ = [commandBuffer retain];
  return self;
}

- (void)dealloc {
  metal_double::require(ended_, Rule::encoderEnded,
                        "A blit encoder was released before -endEncoding.");
  [commandBuffer_ release];
  [super dealloc];
}

- (void)requireOpen {
  metal_double::require(!ended_, Rule::encoderEnded, "A blit encoder was used after -endEncoding.");
}

- (void)copyFromBuffer:(id<MTLBuffer>)source
          sourceOffset:(NSUInteger)sourceOffset
              toBuffer:(id<MTLBuffer>)destination
     destinationOffset:(NSUInteger)destinationOffset
                  size:(NSUInteger)size {
  [self requireOpen];
  requireBlitSize(size);
  const auto from = metal_double::memoryOf(source, [commandBuffer_ device]);
  const auto to = metal_double::memoryOf(destination, [commandBuffer_ device]);
  metal_double::require(
      size > 0 && sourceOffset <= from->length() && size <= from->length() - sourceOffset &&
          destinationOffset <= to->length() && size <= to->length() - destinationOffset,
      Rule::blitRange, "A copy leaves one of its buffers.");
  metal_double::require(from != to || sourceOffset + size <= destinationOffset ||
                            destinationOffset + size <= sourceOffset,
                        Rule::blitRange, "A copy within a buffer overlaps itself.");
  metal_double::require(sourceOffset % 4 == 0 && destinationOffset % 4 == 0 && size % 4 == 0,
                        Rule::blitAlignment, "A copy of " + std::to_string(size) + " bytes.");
  [commandBuffer_ addEncoded:[=] {
    std::memcpy(to->gpu() + destinationOffset, from->gpu() + sourceOffset, size);
  }
                        uses:{{from, Access::read}, {to, Access::write}}];
}

- (void)fillBuffer:(id<MTLBuffer>)buffer range:(NSRange)range value:(uint8_t)value {
  [self requireOpen];
  requireBlitSize(range.length);
  const auto memory = metal_double::memoryOf(buffer, [commandBuffer_ device]);
  metal_double::require(range.length > 0 && range.location <= memory->length() &&
                            range.length <= memory->length() - range.location,
                        Rule::blitRange, "A fill leaves its buffer.");
  metal_double::require(range.location % 4 == 0 && range.length % 4 == 0, Rule::blitAlignment,
                        "A fill of " + std::to_string(range.length) + " bytes.");
  [commandBuffer_
      addEncoded:[=] { std::memset(memory->gpu() + range.location, value, range.length); }
            uses:{{memory, Access::write}}];
}

- (void)endEncoding {
  [self requireOpen];
  ended_ = YES;
  [commandBuffer_ encoderEnded];
}
@end

@implementation MPSCommandBuffer
- (instancetype)initWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  self = [super init];
  root_ =
      [metal_double::nonNull(commandBuffer, "The command buffer of an MPSCommandBuffer") retain];
  return self;
}

- (void)dealloc {
  [root_ release];
  [super dealloc];
}

- (id<MTLCommandBuffer>)rootCommandBuffer {
  return root_;
}

- (void)commitAndContinue {
  [self continueInNewBuffer];
}

- (id<MTLDevice>)device {
  return [root_ device];
}

- (id<MTLCommandQueue>)commandQueue {
  return [root_ commandQueue];
}

- (MTLCommandBufferStatus)status {
  return [root_ status];
}

- (NSError*)error {
  return [root_ error];
}

- (CFTimeInterval)GPUStartTime {
  return [root_ GPUStartTime];
}

- (CFTimeInterval)GPUEndTime {
  return [root_ GPUEndTime];
}

- (void)commit {
  [root_ commit];
}

- (void)waitUntilCompleted {
  [root_ waitUntilCompleted];
}

- (id<MTLBlitCommandEncoder>)blitCommandEncoder {
  return [root_ blitCommandEncoder];
}

- (id<MTLComputeCommandEncoder>)computeCommandEncoder {
  return [root_ computeCommandEncoder];
}
@end

@implementation MPSCommandBuffer (MetalDouble)
- (void)continueInNewBuffer {
  [root_ commit];
  id<MTLCommandBuffer> next = [[[root_ commandQueue] commandBuffer] retain];
  [root_ release];
  root_ = next;
}
@end

namespace metal_double {

MetalDoubleCommandBuffer* rootOf(id<MTLCommandBuffer> commandBuffer) {
  id root = nonNull(commandBuffer, "A command buffer");
  while ([root isKindOfClass:[MPSCommandBuffer class]]) root = [root rootCommandBuffer];
  return (MetalDoubleCommandBuffer*)root;
}

}  // namespace metal_double
