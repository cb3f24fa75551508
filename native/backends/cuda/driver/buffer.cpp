#include "backends/cuda/driver/buffer.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "backends/cuda/driver/libraries.h"
#include "core/size_text.h"

namespace mpsbench::cuda {

DeviceBuffer::DeviceBuffer(const Driver& driver, CUdeviceptr address, std::size_t bytes,
                           MemoryUse use)
    : driver_(driver), address_(address), bytes_(bytes), use_(std::move(use)) {
  *use_ += bytes_;
}

DeviceBuffer::~DeviceBuffer() {
  // Fails only if the context is lost, and its memory with it.
  driver_.cuMemFree(address_);
  *use_ -= bytes_;
}

Error Memory::tooLittle(std::uint64_t bytes) const {
  std::size_t free = 0;
  std::size_t total = 0;
  driver_.check(driver_.cuMemGetInfo(&free, &total), "cuMemGetInfo");
  const std::uint64_t needed = used() + bytes;
  const double factor = static_cast<double>(needed) / static_cast<double>(free + used() + 1);
  char times[32];
  std::snprintf(times, sizeof times, "%.2g", std::max(1.1, factor * 1.05));
  return {
      ErrorCode::outOfMemory,
      "This needs at least " + sizeText(needed) + " of GPU memory, and " + sizeText(free + used()) +
          " of " + sizeText(total) + " is free.",
      std::string("Choose sizes whose tensors are ") + times +
          " times smaller in all, or end other programs on the card (`nvidia-smi` shows them)."};
}

std::shared_ptr<DeviceBuffer> Memory::allocate(std::size_t bytes) const {
  CUdeviceptr address = 0;
  const std::size_t size = std::max<std::size_t>(bytes, 1);
  const CUresult status = driver_.cuMemAlloc(&address, size);
  if (status == CUDA_ERROR_OUT_OF_MEMORY) throw tooLittle(size);
  driver_.check(status, "cuMemAlloc");
  auto buffer = std::make_shared<DeviceBuffer>(driver_, address, size, use_);
  driver_.check(driver_.cuMemsetD8Async(address, 0, size, stream_), "cuMemsetD8Async");
  return buffer;
}

void Memory::require(std::uint64_t bytes) const {
  std::size_t free = 0;
  std::size_t total = 0;
  driver_.check(driver_.cuMemGetInfo(&free, &total), "cuMemGetInfo");
  if (bytes > free) throw tooLittle(bytes);
}

}  // namespace mpsbench::cuda
