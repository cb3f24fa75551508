#include <algorithm>
#include <map>

#include "double/objects.h"
#include "double/rules.h"

using metal_double::ChipFacts;
using metal_double::Rule;

namespace {

/** The allocated bytes of the chip: several MTLDevice objects may stand for it. */
std::shared_ptr<std::atomic<std::size_t>> allocatedOn(const ChipFacts* chip) {
  static std::map<const ChipFacts*, std::shared_ptr<std::atomic<std::size_t>>> counters;
  auto& counter = counters[chip];
  if (!counter) counter = std::make_shared<std::atomic<std::size_t>>(0);
  return counter;
}

}  // namespace

@implementation MetalDoubleDevice
- (instancetype)initWithChip:(const metal_double::ChipFacts*)chip {
  self = [super init];
  chip_ = chip;
  return self;
}

- (const metal_double::ChipFacts*)chip {
  return chip_;
}

- (NSString*)name {
  return [NSString stringWithUTF8String:chip_->name.c_str()];
}

- (uint64_t)registryID {
  return chip_->registryId;
}

- (BOOL)isLowPower {
  return chip_->lowPower;
}

- (BOOL)isHeadless {
  return NO;
}

- (BOOL)isRemovable {
  return chip_->removable;
}

- (BOOL)hasUnifiedMemory {
  return chip_->unifiedMemory;
}

- (uint64_t)recommendedMaxWorkingSetSize {
  return chip_->workingSetBytes;
}

- (NSUInteger)currentAllocatedSize {
  return allocatedOn(chip_)->load();
}

- (NSUInteger)maxBufferLength {
  return chip_->maxBufferBytes;
}

- (NSUInteger)maxThreadgroupMemoryLength {
  return 32 << 10;
}

- (MTLDeviceLocation)location {
  return MTLDeviceLocationBuiltIn;
}

- (BOOL)supportsFamily:(MTLGPUFamily)family {
  const auto& families = chip_->families;
  return std::find(families.begin(), families.end(), static_cast<int>(family)) != families.end();
}

- (id<MTLCommandQueue>)newCommandQueue {
  return [[MetalDoubleQueue alloc] initWithDevice:self];
}

- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options {
  metal_double::throwIfPlayed(metal_double::ThrowsAt::buffer);
  metal_double::require(length >= 1 && length <= chip_->maxBufferBytes, Rule::bufferLength,
                        "newBufferWithLength: was asked for " + std::to_string(length) + " bytes.");
  const bool shared = options == MTLResourceStorageModeShared;
  const bool managed = options == MTLResourceStorageModeManaged;
  metal_double::require(shared || options == MTLResourceStorageModePrivate, Rule::storageMode,
                        managed && chip_->unifiedMemory
                            ? "Managed buffers are for devices without unified memory."
                            : "The double has no options " + std::to_string(options) + ".");
  static std::atomic<int> allocations = 0;
  const auto failing = metal_double::scenario().failingAllocation;
  if (++allocations >= failing.value_or(allocations + 1)) return nil;
  return [[MetalDoubleBuffer alloc]
      initWithDevice:self
              memory:std::make_shared<metal_double::Memory>(length, shared, allocatedOn(chip_))];
}

- (id<MTLLibrary>)newLibraryWithSource:(NSString*)source
                               options:(MTLCompileOptions*)options
                                 error:(NSError**)error {
  return metal_double::newLibrary(self, source, options, error);
}

- (id<MTLComputePipelineState>)newComputePipelineStateWithFunction:(id<MTLFunction>)function
                                                             error:(NSError**)error {
  return metal_double::newPipeline(self, function);
}
@end

@implementation MetalDoubleBuffer
- (instancetype)initWithDevice:(id<MTLDevice>)device memory:(metal_double::MemoryRef)memory {
  self = [super init];
  device_ = [device retain];
  memory_ = new metal_double::MemoryRef(std::move(memory));
  return self;
}

- (void)dealloc {
  delete memory_;
  [device_ release];
  [super dealloc];
}

- (metal_double::MemoryRef)memory {
  return *memory_;
}

- (id<MTLDevice>)device {
  return device_;
}

- (NSUInteger)length {
  return (*memory_)->length();
}

- (NSUInteger)allocatedSize {
  return (*memory_)->mappedBytes();
}

- (void*)contents {
  void* address = (*memory_)->cpu();
  metal_double::require(address != nullptr, Rule::storageMode,
                        "-contents was sent to a private buffer.");
  return address;
}
@end

id<MTLDevice> MTLCreateSystemDefaultDevice() {
  const auto& chips = metal_double::scenario().chips;
  return chips.empty() ? nil : [[MetalDoubleDevice alloc] initWithChip:&chips[0]];
}

NSArray<id<MTLDevice>>* MTLCopyAllDevices() {
  NSMutableArray* devices = [[NSMutableArray alloc] init];
  if (!metal_double::scenario().listsDevices) return devices;
  for (const metal_double::ChipFacts& chip : metal_double::scenario().chips) {
    [devices addObject:[[[MetalDoubleDevice alloc] initWithChip:&chip] autorelease]];
  }
  return devices;
}

BOOL MPSSupportsMTLDevice(id<MTLDevice> device) {
  return device != nil && [(MetalDoubleDevice*)device chip]->supportsMps;
}

namespace metal_double {

const ChipFacts* chipOf(id<MTLDevice> device) {
  return [(MetalDoubleDevice*)nonNull(device, "A device") chip];
}

MemoryRef memoryOf(id<MTLBuffer> buffer, id<MTLDevice> device) {
  MetalDoubleBuffer* own = (MetalDoubleBuffer*)nonNull(buffer, "A buffer");
  require(chipOf([own device]) == chipOf(device), Rule::sameDevice,
          "A buffer of another device than the command buffer's is used.");
  return [own memory];
}

void throwIfPlayed(ThrowsAt place) {
  if (scenario().throwsAt != place) return;
  [NSException raise:NSInternalInconsistencyException
              format:@"an assertion of the framework failed (double)"];
}

}  // namespace metal_double
