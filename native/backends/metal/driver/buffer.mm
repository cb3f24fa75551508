#include "backends/metal/driver/buffer.h"

#include <algorithm>
#include <limits>

#include "backends/metal/driver/command_stream.h"
#include "core/error.h"
#include "core/size_text.h"

namespace mpsbench::metal {

namespace {

constexpr std::uint64_t kAlignment = 16;

/**
 * The longest blit. Above 4 GiB copies are cut off without an error (pytorch#124335), and fills
 * leave the end of the buffer unset on macOS 26 (pytorch#161265, #164108).
 */
constexpr NSUInteger kLargestBlit = NSUInteger{1} << 31;

/** Calls `blit(offset, length)` for every part of `bytes`. */
template <class Blit>
void inParts(NSUInteger bytes, const Blit& blit) {
  for (NSUInteger offset = 0; offset < bytes; offset += kLargestBlit) {
    blit(offset, std::min(kLargestBlit, bytes - offset));
  }
}

Owned<id<MTLBuffer>> makeBuffer(id<MTLDevice> device, std::uint64_t bytes,
                                MTLResourceOptions options) {
  auto buffer = Owned<id<MTLBuffer>>::adopt([device newBufferWithLength:bytes options:options]);
  if (!buffer) {
    throw Error(ErrorCode::outOfMemory, "Metal refused a buffer of " + sizeText(bytes) + ".",
                "Choose smaller sizes, or close what else uses memory.");
  }
  return buffer;
}

}  // namespace

Buffers::Buffers(id<MTLDevice> device, id<MTLCommandQueue> queue)
    : device_(Owned<id<MTLDevice>>::retain(device)),
      queue_(Owned<id<MTLCommandQueue>>::retain(queue)),
      unified_([device hasUnifiedMemory]) {}

std::uint64_t Buffers::freeBytes() const {
  const std::uint64_t limit = [device_.get() recommendedMaxWorkingSetSize];
  const std::uint64_t used = [device_.get() currentAllocatedSize];
  // Some virtual GPUs state no limit.
  if (limit == 0) return std::numeric_limits<std::uint64_t>::max();
  return used < limit ? limit - used : 0;
}

void Buffers::require(std::uint64_t bytes) const {
  if (bytes <= freeBytes()) return;
  const std::uint64_t limit = [device_.get() recommendedMaxWorkingSetSize];
  const std::uint64_t used = [device_.get() currentAllocatedSize];
  throw Error(ErrorCode::outOfMemory,
              "This needs at least " + sizeText(bytes) + " of GPU memory beside " + sizeText(used) +
                  " in use, and the recommended working set is " + sizeText(limit) + ".",
              "Choose smaller sizes.");
}

std::uint64_t Buffers::roundedBytes(const Tensor& tensor) {
  return (tensor.bytes() + kAlignment - 1) / kAlignment * kAlignment;
}

Owned<id<MTLBuffer>> Buffers::allocate(const Tensor& tensor) const {
  return allocate(roundedBytes(tensor), "The tensor '" + tensor.id + "'");
}

Owned<id<MTLBuffer>> Buffers::allocate(std::uint64_t bytes, const std::string& what) const {
  const std::uint64_t largest = [device_.get() maxBufferLength];
  if (bytes > largest) {
    throw Error(ErrorCode::outOfMemory,
                what + " needs a buffer of " + sizeText(bytes) + ", and this GPU allows " +
                    sizeText(largest) + ".",
                "Choose smaller sizes.");
  }
  return makeBuffer(device_.get(), (bytes + kAlignment - 1) / kAlignment * kAlignment,
                    unified_ ? MTLResourceStorageModeShared : MTLResourceStorageModePrivate);
}

void Buffers::clear(const std::vector<id<MTLBuffer>>& buffers) const {
  runBlits(queue_.get(), [&](id<MTLBlitCommandEncoder> encoder) {
    for (id<MTLBuffer> buffer : buffers) {
      inParts([buffer length], [&](NSUInteger offset, NSUInteger length) {
        [encoder fillBuffer:buffer range:NSMakeRange(offset, length) value:0];
      });
    }
  });
}

void Buffers::write(id<MTLBuffer> buffer, const Tensor& tensor, const HostView& values) const {
  if (unified_) {
    encode(values, tensor.dtype, [buffer contents]);
    return;
  }
  const auto host = staging(tensor);
  encode(values, tensor.dtype, [host.get() contents]);
  copy(host.get(), buffer, tensor);
}

void Buffers::read(id<MTLBuffer> buffer, const Tensor& tensor, const HostSpan& values) const {
  if (unified_) {
    decode([buffer contents], tensor.dtype, values);
    return;
  }
  const auto host = staging(tensor);
  copy(buffer, host.get(), tensor);
  decode([host.get() contents], tensor.dtype, values);
}

Owned<id<MTLBuffer>> Buffers::staging(const Tensor& tensor) const {
  return makeBuffer(device_.get(), roundedBytes(tensor), MTLResourceStorageModeShared);
}

void Buffers::copy(id<MTLBuffer> from, id<MTLBuffer> to, const Tensor& tensor) const {
  runBlits(queue_.get(), [&](id<MTLBlitCommandEncoder> encoder) {
    inParts(roundedBytes(tensor), [&](NSUInteger offset, NSUInteger length) {
      [encoder copyFromBuffer:from
                 sourceOffset:offset
                     toBuffer:to
            destinationOffset:offset
                         size:length];
    });
  });
}

}  // namespace mpsbench::metal
