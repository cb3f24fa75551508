#include "backends/metal/driver/launch.h"

#include <algorithm>
#include <string>

#include "core/ceil_divide.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

/** Lengths of threadgroup memory are multiples of this. */
constexpr std::size_t kGroupMemoryUnit = 16;

MTLSize mtlSize(const std::array<std::size_t, 3>& size) {
  return MTLSizeMake(size[0], size[1], size[2]);
}

}  // namespace

Launch::Launch(Kernel kernel, const KernelCall& call)
    : kernel_(std::move(kernel)), shape_(call.shape), bandArgument_(call.bandArgument) {
  const std::size_t threads = shape_.threads[0] * shape_.threads[1] * shape_.threads[2];
  const std::size_t most = [kernel_.get() maxTotalThreadsPerThreadgroup];
  if (threads > most) {
    throw Error(ErrorCode::unsupported, "A kernel needs " + std::to_string(threads) +
                                            " threads in a threadgroup, and this GPU gives it " +
                                            std::to_string(most) + ".");
  }
  for (const std::size_t bytes : call.groupMemory) {
    groupMemory_.push_back(ceilDivide(bytes, kGroupMemoryUnit) * kGroupMemoryUnit);
  }
  for (const auto& [index, bytes] : call.values) {
    arguments_.resize(std::max(arguments_.size(), index + 1));
    arguments_[index].bytes = bytes;
  }
}

Launch& Launch::buffer(PhasedBuffer buffer) {
  while (next_ < arguments_.size() && !arguments_[next_].bytes.empty()) ++next_;
  if (next_ == arguments_.size()) arguments_.emplace_back();
  arguments_[next_++].buffer = std::move(buffer);
  return *this;
}

std::vector<Launch> Launch::bands(std::size_t most) const {
  const std::size_t rows = shape_.groups[1];
  if (!bandArgument_ || most < 2 || rows < 2) return {*this};
  const std::size_t each = ceilDivide(rows, most);
  std::vector<Launch> all;
  for (std::size_t first = 0; first < rows; first += each) {
    Launch& band = all.emplace_back(*this);
    band.shape_.groups[1] = std::min(each, rows - first);
    const auto number = static_cast<std::uint32_t>(first);
    constexpr std::size_t kLast = 3 * sizeof number;
    std::memcpy(band.arguments_[*bandArgument_].bytes.data() + kLast, &number, sizeof number);
  }
  return all;
}

void Launch::encode(id<MTLComputeCommandEncoder> encoder, std::size_t phase) const {
  [encoder setComputePipelineState:kernel_.get()];
  for (NSUInteger i = 0; i < arguments_.size(); ++i) {
    const Argument& argument = arguments_[i];
    if (argument.bytes.empty()) {
      [encoder setBuffer:argument.buffer[phase].get() offset:0 atIndex:i];
    } else {
      [encoder setBytes:argument.bytes.data() length:argument.bytes.size() atIndex:i];
    }
  }
  for (NSUInteger i = 0; i < groupMemory_.size(); ++i) {
    [encoder setThreadgroupMemoryLength:groupMemory_[i] atIndex:i];
  }
  [encoder dispatchThreadgroups:mtlSize(shape_.groups)
          threadsPerThreadgroup:mtlSize(shape_.threads)];
}

}  // namespace mpsbench::metal
