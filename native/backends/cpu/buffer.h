#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace mpsbench::cpu {

/** Zeroed memory, aligned for vectors; large blocks ask for huge pages. */
class Buffer {
 public:
  Buffer() = default;
  /** @throws std::bad_alloc */
  explicit Buffer(std::size_t bytes);

  [[nodiscard]] void* data() const { return memory_.get(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(void* memory) const noexcept;
  };
  std::unique_ptr<void, Free> memory_;
  std::size_t bytes_ = 0;
};

/**
 * Hands out buffers as long as they fit the memory that is free when it is made.
 */
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t freeBytes) : freeBytes_(freeBytes) {}

  /** Checks, before anything is allocated, that `bytes` more would fit. @throws Error
   * `out_of_memory` */
  void require(std::uint64_t bytes) const;
  /** @throws Error `out_of_memory` */
  Buffer allocate(std::size_t bytes);
  [[nodiscard]] std::uint64_t usedBytes() const { return usedBytes_; }

 private:
  std::uint64_t freeBytes_;
  std::uint64_t usedBytes_ = 0;
};

}  // namespace mpsbench::cpu
