#include "rule_cases.h"

#import <IOKit/IOKitLib.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <cstring>

using metal_double::Rule;

namespace {

constexpr NSUInteger kBytes = 64;
/** In the scenario `intel`: the first device has unified memory, the second has its own. */
constexpr NSUInteger kUnified = 0;
constexpr NSUInteger kDiscrete = 1;

id<MTLDevice> device(NSUInteger index) {
  return [[MTLCopyAllDevices() autorelease] objectAtIndex:index];
}

id<MTLBuffer> buffer(NSUInteger bytes = kBytes, NSUInteger on = kUnified,
                     MTLResourceOptions options = MTLResourceStorageModeShared) {
  return [[device(on) newBufferWithLength:bytes options:options] autorelease];
}

id<MTLCommandBuffer> commandBuffer(NSUInteger on = kUnified) {
  return [[[device(on) newCommandQueue] autorelease] commandBuffer];
}

/** A committed command buffer that fills `target`; the end is not waited for. */
id<MTLCommandBuffer> fill(id<MTLBuffer> target) {
  id<MTLCommandBuffer> commands = commandBuffer();
  id<MTLBlitCommandEncoder> encoder = [commands blitCommandEncoder];
  [encoder fillBuffer:target range:NSMakeRange(0, kBytes) value:1];
  [encoder endEncoding];
  [commands commit];
  return commands;
}

void blit(const std::function<void(id<MTLBlitCommandEncoder>)>& encode) {
  encode([commandBuffer() blitCommandEncoder]);
}

void copy(id<MTLBuffer> from, NSUInteger at, id<MTLBuffer> to, NSUInteger where, NSUInteger size) {
  blit([&](id<MTLBlitCommandEncoder> encoder) {
    [encoder copyFromBuffer:from sourceOffset:at toBuffer:to destinationOffset:where size:size];
  });
}

/** Writes through a pointer that the optimiser knows nothing about. */
void poke(void* address, std::size_t offset) {
  static_cast<volatile char*>(address)[offset] = 1;
}

io_service_t accelerator() {
  return IOServiceGetMatchingService(kIOMainPortDefault,
                                     IORegistryEntryIDMatching([device(kUnified) registryID]));
}

void queueOf64() {
  id<MTLCommandQueue> queue = [[device(kUnified) newCommandQueue] autorelease];
  for (int i = 0; i < 65; ++i) [queue commandBuffer];
}

void writeWhileGpuReads() {
  id<MTLBuffer> source = buffer();
  id<MTLBuffer> target = buffer();
  void* contents = [source contents];
  id<MTLCommandBuffer> commands = commandBuffer();
  id<MTLBlitCommandEncoder> encoder = [commands blitCommandEncoder];
  [encoder copyFromBuffer:source sourceOffset:0 toBuffer:target destinationOffset:0 size:kBytes];
  [encoder endEncoding];
  [commands commit];
  poke(contents, 0);
}

}  // namespace

std::vector<RuleCase> metalRuleCases() {
  return {
      {Rule::commitOnce, "two commits",
       [] {
         id<MTLCommandBuffer> commands = commandBuffer();
         [commands commit];
         [commands commit];
       }},
      {Rule::encodeBeforeCommit, "an encoder after the commit",
       [] {
         id<MTLCommandBuffer> commands = commandBuffer();
         [commands commit];
         [commands blitCommandEncoder];
       }},
      {Rule::oneEncoder, "two encoders at once",
       [] {
         id<MTLCommandBuffer> commands = commandBuffer();
         [commands blitCommandEncoder];
         [commands blitCommandEncoder];
       }},
      {Rule::encoderEnded, "a commit with an open encoder",
       [] {
         id<MTLCommandBuffer> commands = commandBuffer();
         [commands blitCommandEncoder];
         [commands commit];
       }},
      {Rule::encoderEnded, "an encoder used after its end",
       [] {
         blit([](id<MTLBlitCommandEncoder> encoder) {
           [encoder endEncoding];
           [encoder fillBuffer:buffer() range:NSMakeRange(0, kBytes) value:0];
         });
       }},
      {Rule::encoderEnded, "an encoder released before its end",
       [] {
         @autoreleasepool {
           [commandBuffer() blitCommandEncoder];
         }
       }},
      {Rule::waitAfterCommit, "a wait without a commit",
       [] { [commandBuffer() waitUntilCompleted]; }},
      {Rule::waitAfterCommit, "a wait for what continues after commitAndContinue",
       [] {
         MPSCommandBuffer* commands =
             [[[MPSCommandBuffer alloc] initWithCommandBuffer:commandBuffer()] autorelease];
         [commands commitAndContinue];
         [commands waitUntilCompleted];
       }},
      {Rule::resultsAfterCompletion, "GPU times without a wait",
       [] { (void)[fill(buffer()) GPUEndTime]; }},
      {Rule::resultsAfterCompletion, "the error without a wait",
       [] { (void)[fill(buffer()) error]; }},
      {Rule::queueDepth, "65 command buffers that are not committed", queueOf64},
      {Rule::sameDevice, "a buffer of another device",
       [] {
         id<MTLBuffer> foreign = buffer(kBytes, kDiscrete);
         copy(foreign, 0, buffer(), 0, kBytes);
       }},
      {Rule::bufferLength, "an empty buffer", [] { buffer(0); }},
      {Rule::bufferLength, "a buffer above maxBufferLength",
       [] { buffer([device(kUnified) maxBufferLength] + 1); }},
      {Rule::bufferBounds, "a write far behind the end",
       [] {
         id<MTLBuffer> target = buffer();
         poke([target contents], [target allocatedSize]);
       }},
      {Rule::bufferBounds, "a write just behind the end",
       [] {
         id<MTLBuffer> target = buffer();
         poke([target contents], kBytes);
         fill(target);
       }},
      {Rule::storageMode, "the contents of a private buffer",
       [] { [buffer(kBytes, kDiscrete, MTLResourceStorageModePrivate) contents]; }},
      {Rule::storageMode, "a managed buffer on unified memory",
       [] { buffer(kBytes, kUnified, MTLResourceStorageModeManaged); }},
      {Rule::gpuBusy, "a read of a result without a wait",
       [] {
         id<MTLBuffer> target = buffer();
         void* contents = [target contents];
         fill(target);
         // However long it takes: not knowing that it is done is the mistake.
         usleep(20'000);
         poke(contents, 0);
       }},
      {Rule::gpuBusy, "a write to what the GPU still reads", writeWhileGpuReads},
      {Rule::blitRange, "a copy behind the end of its source",
       [] { copy(buffer(), 4, buffer(), 0, kBytes); }},
      {Rule::blitRange, "a copy behind the end of its target",
       [] { copy(buffer(), 0, buffer(), 4, kBytes); }},
      {Rule::blitRange, "a copy onto itself",
       [] {
         id<MTLBuffer> both = buffer();
         copy(both, 0, both, 4, 8);
       }},
      {Rule::blitRange, "a fill behind the end",
       [] {
         blit([](id<MTLBlitCommandEncoder> encoder) {
           [encoder fillBuffer:buffer() range:NSMakeRange(4, kBytes) value:0];
         });
       }},
      {Rule::blitSize, "a copy of more than 2 GiB",
       [] { copy(buffer(), 0, buffer(), 0, (NSUInteger{1} << 31) + 4); }},
      {Rule::blitSize, "a fill of more than 2 GiB",
       [] {
         blit([](id<MTLBlitCommandEncoder> encoder) {
           [encoder fillBuffer:buffer() range:NSMakeRange(0, (NSUInteger{1} << 31) + 4) value:0];
         });
       }},
      {Rule::blitAlignment, "a copy of 6 bytes", [] { copy(buffer(), 0, buffer(), 0, 6); }},
      {Rule::blitAlignment, "a fill of 6 bytes",
       [] {
         blit([](id<MTLBlitCommandEncoder> encoder) {
           [encoder fillBuffer:buffer() range:NSMakeRange(0, 6) value:0];
         });
       }},
      {Rule::aliveObject, "a message to a released buffer",
       [] {
         id<MTLBuffer> gone = [device(kUnified) newBufferWithLength:kBytes options:0];
         [gone release];
         (void)[gone length];
       }},
      {Rule::aliveObject, "a second release",
       [] {
         id<MTLCommandQueue> gone = [device(kUnified) newCommandQueue];
         [gone release];
         [gone release];
       }},
      {Rule::aliveObject, "an autoreleased object that was released too",
       [] {
         @autoreleasepool {
           [commandBuffer() release];
         }
       }},
      {Rule::registryReference, "an entry released twice",
       [] {
         const io_service_t entry = accelerator();
         IOObjectRelease(entry);
         IOObjectRelease(entry);
       }},
      {Rule::registryReference, "an entry used after its release",
       [] {
         const io_service_t entry = accelerator();
         IOObjectRelease(entry);
         IORegistryEntryCreateCFProperty(entry, (CFStringRef) @"model", kCFAllocatorDefault, 0);
       }},
      {Rule::argument, "a command buffer of nothing",
       [] {
         id<MTLCommandBuffer> nothing = nil;
         [[MPSCommandBuffer alloc] initWithCommandBuffer:nothing];
       }},
  };
}
