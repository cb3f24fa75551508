#include <algorithm>
#include <map>

#include "double/objects.h"
#include "double/rules.h"

using metal_double::Access;
using metal_double::MslDispatch;
using metal_double::MslKernel;
using metal_double::Rule;

NSErrorDomain const MTLLibraryErrorDomain = @"MTLLibraryErrorDomain";

/** What is bound to an encoder; dispatches keep it as it was. */
struct MetalDoubleArguments {
  struct Buffer {
    /** Null for setBytes. */
    metal_double::MemoryRef memory;
    NSUInteger offset = 0;
    std::vector<std::byte> bytes;
  };
  std::map<unsigned, Buffer> buffers;
  std::map<unsigned, std::size_t> groupMemory;
};

namespace {

NSUInteger product(MTLSize size) {
  return size.width * size.height * size.depth;
}

metal_double::MslSize asSize(MTLSize size) {
  return {static_cast<unsigned>(size.width), static_cast<unsigned>(size.height),
          static_cast<unsigned>(size.depth)};
}

/** One dispatch and all that it uses, until the GPU has run it. */
struct Encoded {
  MslDispatch dispatch;
  MetalDoubleArguments arguments;
};

void fail(NSError** error, const std::string& message) {
  if (error == nullptr) return;
  NSString* text = [NSString stringWithUTF8String:message.c_str()];
  *error = [NSError errorWithDomain:MTLLibraryErrorDomain
                               code:MTLLibraryErrorCompileFailure
                           userInfo:[NSDictionary dictionaryWithObject:text
                                                                forKey:NSLocalizedDescriptionKey]];
}

}  // namespace

@implementation MTLCompileOptions
@synthesize fastMathEnabled = fastMathEnabled_, languageVersion = languageVersion_;

- (instancetype)init {
  self = [super init];
  fastMathEnabled_ = YES;
  languageVersion_ =
      metal_double::scenario().macosMajor >= 14 ? MTLLanguageVersion3_1 : MTLLanguageVersion3_0;
  return self;
}

- (id)copyWithZone:(NSZone*)zone {
  MTLCompileOptions* copy = [[MTLCompileOptions allocWithZone:zone] init];
  [copy setFastMathEnabled:fastMathEnabled_];
  [copy setLanguageVersion:languageVersion_];
  return copy;
}
@end

namespace metal_double {

id<MTLLibrary> newLibrary(id<MTLDevice> device, NSString* source, MTLCompileOptions* options,
                          NSError** error) {
  nonNull(source, "The source of a library");
  const NSUInteger version = options == nil ? MTLLanguageVersion3_0 : [options languageVersion];
  if (version > MTLLanguageVersion3_0) {
    fail(error, "The double compiles MSL up to 3.0.");
    return nil;
  }
  auto compiled = compileMsl([source UTF8String]);
  if (!compiled->error.empty()) {
    fail(error, compiled->error);
    return nil;
  }
  return [[MetalDoubleLibrary alloc] initWithDevice:device compiled:std::move(compiled)];
}

id<MTLComputePipelineState> newPipeline(id<MTLDevice> device, id<MTLFunction> function) {
  nonNull(function, "The function of a pipeline");
  require(chipOf([function device]) == chipOf(device), Rule::sameDevice,
          "A pipeline is made for another device than its function's.");
  return [[MetalDoublePipeline alloc] initWithDevice:device
                                              kernel:[(MetalDoubleFunction*)function kernel]];
}

}  // namespace metal_double

@implementation MetalDoubleLibrary
- (instancetype)initWithDevice:(id<MTLDevice>)device
                      compiled:(std::shared_ptr<const metal_double::MslLibrary>)compiled {
  self = [super init];
  device_ = [device retain];
  compiled_ = new std::shared_ptr<const metal_double::MslLibrary>(std::move(compiled));
  return self;
}

- (void)dealloc {
  delete compiled_;
  [device_ release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return device_;
}

- (id<MTLFunction>)newFunctionWithName:(NSString*)functionName {
  const std::string name = [metal_double::nonNull(functionName, "A function's name") UTF8String];
  for (const MslKernel& kernel : (*compiled_)->kernels) {
    if (kernel.name == name) {
      return [[MetalDoubleFunction alloc] initWithDevice:device_ kernel:&kernel];
    }
  }
  return nil;
}
@end

@implementation MetalDoubleFunction
- (instancetype)initWithDevice:(id<MTLDevice>)device kernel:(const MslKernel*)kernel {
  self = [super init];
  device_ = [device retain];
  kernel_ = kernel;
  return self;
}

- (void)dealloc {
  [device_ release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return device_;
}

- (NSString*)name {
  return [NSString stringWithUTF8String:kernel_->name.c_str()];
}

- (const MslKernel*)kernel {
  return kernel_;
}
@end

@implementation MetalDoublePipeline
- (instancetype)initWithDevice:(id<MTLDevice>)device kernel:(const MslKernel*)kernel {
  self = [super init];
  device_ = [device retain];
  kernel_ = kernel;
  return self;
}

- (void)dealloc {
  [device_ release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return device_;
}

- (NSUInteger)maxTotalThreadsPerThreadgroup {
  return kernel_->maxThreads;
}

- (NSUInteger)threadExecutionWidth {
  return 32;
}

- (NSUInteger)staticThreadgroupMemoryLength {
  return 0;
}

- (const MslKernel*)kernel {
  return kernel_;
}
@end

@implementation MetalDoubleComputeEncoder
- (instancetype)initWithCommandBuffer:(MetalDoubleCommandBuffer*)commandBuffer {
  self = [super init];
  commandBuffer_ = [commandBuffer retain];
  arguments_ = new MetalDoubleArguments;
  return self;
}

- (void)dealloc {
  metal_double::require(ended_, Rule::encoderEnded,
                        "A compute encoder was released before -endEncoding.");
  delete arguments_;
  [commandBuffer_ release];
  [super dealloc];
}

- (void)requireOpen {
  metal_double::require(!ended_, Rule::encoderEnded,
                        "A compute encoder was used after -endEncoding.");
}

- (void)setComputePipelineState:(id<MTLComputePipelineState>)state {
  [self requireOpen];
  MetalDoublePipeline* own = (MetalDoublePipeline*)metal_double::nonNull(state, "A pipeline");
  metal_double::require(
      metal_double::chipOf([own device]) == metal_double::chipOf([commandBuffer_ device]),
      Rule::pipelineSet, "A pipeline of another device was set.");
  kernel_ = [own kernel];
}

- (void)setBytes:(const void*)bytes length:(NSUInteger)length atIndex:(NSUInteger)index {
  [self requireOpen];
  metal_double::require(length > 0 && length <= 4096, Rule::argumentBound,
                        "setBytes: takes up to 4 KiB, and got " + std::to_string(length) + ".");
  const auto* from = static_cast<const std::byte*>(bytes);
  arguments_->buffers[static_cast<unsigned>(index)] = {nullptr, 0, {from, from + length}};
}

- (void)setBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset atIndex:(NSUInteger)index {
  [self requireOpen];
  auto memory = metal_double::memoryOf(buffer, [commandBuffer_ device]);
  metal_double::require(offset < memory->length(), Rule::argumentBound,
                        "A buffer is bound from behind its end.");
  arguments_->buffers[static_cast<unsigned>(index)] = {std::move(memory), offset, {}};
}

- (void)setThreadgroupMemoryLength:(NSUInteger)length atIndex:(NSUInteger)index {
  [self requireOpen];
  metal_double::require(length % 16 == 0, Rule::threadgroupMemory,
                        "A length of " + std::to_string(length) + ".");
  arguments_->groupMemory[static_cast<unsigned>(index)] = length;
}

/** What the kernel takes, as it is bound now. */
- (std::shared_ptr<Encoded>)encodedDispatch {
  auto encoded = std::make_shared<Encoded>();
  encoded->arguments = *arguments_;
  MslDispatch& dispatch = encoded->dispatch;
  dispatch.kernel = kernel_->name;
  dispatch.entry = kernel_->entry;
  for (const unsigned index : kernel_->buffers) {
    const auto bound = encoded->arguments.buffers.find(index);
    metal_double::require(bound != encoded->arguments.buffers.end(), Rule::argumentBound,
                          "buffer(" + std::to_string(index) + ") of " + kernel_->name + ".");
    dispatch.buffers.resize(std::max<std::size_t>(dispatch.buffers.size(), index + 1));
    MetalDoubleArguments::Buffer& buffer = bound->second;
    auto& region = dispatch.buffers[index];
    region.name = "buffer " + std::to_string(index);
    region.isConstant = buffer.memory == nullptr;
    region.data = region.isConstant ? buffer.bytes.data() : buffer.memory->gpu() + buffer.offset;
    region.bytes =
        region.isConstant ? buffer.bytes.size() : buffer.memory->length() - buffer.offset;
  }
  std::size_t total = 0;
  for (const unsigned index : kernel_->groupMemory) {
    const auto bound = encoded->arguments.groupMemory.find(index);
    metal_double::require(bound != encoded->arguments.groupMemory.end(), Rule::argumentBound,
                          "threadgroup(" + std::to_string(index) + ") of " + kernel_->name + ".");
    dispatch.groupMemory.resize(std::max<std::size_t>(dispatch.groupMemory.size(), index + 1));
    dispatch.groupMemory[index] = bound->second;
    total += bound->second;
  }
  metal_double::require(total <= [[commandBuffer_ device] maxThreadgroupMemoryLength],
                        Rule::threadgroupMemory,
                        kernel_->name + " takes " + std::to_string(total) + " bytes.");
  return encoded;
}

- (void)dispatchThreadgroups:(MTLSize)groups threadsPerThreadgroup:(MTLSize)threads {
  [self requireOpen];
  metal_double::require(kernel_ != nullptr, Rule::pipelineSet, "A dispatch without a pipeline.");
  metal_double::require(
      product(groups) > 0 && product(threads) > 0 && product(threads) <= kernel_->maxThreads,
      Rule::threadgroupSize,
      kernel_->name + " with " + std::to_string(product(threads)) + " threads in " +
          std::to_string(product(groups)) + " threadgroups.");
  const std::shared_ptr<Encoded> encoded = [self encodedDispatch];
  encoded->dispatch.groups = asSize(groups);
  encoded->dispatch.threadsPerGroup = asSize(threads);
  metal_double::Uses uses;
  for (const auto& [index, buffer] : encoded->arguments.buffers) {
    // Which of them the kernel writes only its source says.
    if (buffer.memory != nullptr) uses.emplace_back(buffer.memory, Access::write);
  }
  [commandBuffer_ addEncoded:[encoded] { metal_double::run(encoded->dispatch); } uses:uses];
}

- (void)endEncoding {
  [self requireOpen];
  ended_ = YES;
  [commandBuffer_ encoderEnded];
}
@end
