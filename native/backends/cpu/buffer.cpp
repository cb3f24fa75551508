#include "backends/cpu/buffer.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "core/ceil_divide.h"
#include "core/error.h"
#include "core/size_text.h"

namespace mpsbench::cpu {

namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : kCacheLine;
  const std::size_t rounded = ceilDivide(bytes, alignment) * alignment;
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  memory_.reset(memory);
#ifdef __linux__
  if (alignment == kHugePage) madvise(memory, rounded, MADV_HUGEPAGE);
#endif
  // Also touches every page, so that no timed iteration has page faults.
  std::memset(memory, 0, bytes);
}

void Buffer::Free::operator()(void* memory) const noexcept {
  std::free(memory);
}

void MemoryBudget::require(std::uint64_t bytes) const {
  // Both stay below 2^62 (see validate), so that the sum cannot wrap.
  const std::uint64_t needed = usedBytes_ + bytes;
  if (needed <= freeBytes_) return;
  const double factor = static_cast<double>(needed) / static_cast<double>(freeBytes_ + 1);
  char times[32];
  std::snprintf(times, sizeof times, "%.2g", factor < 1.1 ? 1.1 : factor * 1.05);
  throw Error(ErrorCode::outOfMemory,
              "This needs at least " + sizeText(needed) + " of memory, and " +
                  sizeText(freeBytes_) + " is free.",
              std::string("Choose sizes whose tensors are ") + times +
                  " times smaller in all, or free some memory.");
}

Buffer MemoryBudget::allocate(std::size_t bytes) {
  require(bytes);
  try {
    Buffer buffer(bytes);
    usedBytes_ += bytes;
    return buffer;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::outOfMemory, "The system refused " + sizeText(bytes) + " of memory.",
                "Choose smaller sizes, or free some memory.");
  }
}

}  // namespace mpsbench::cpu
