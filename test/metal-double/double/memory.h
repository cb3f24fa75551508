#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

/**
 * The storage of one buffer, mapped twice: for the GPU always, for the CPU only while no command
 * buffer that uses it can still be running. A CPU access in between ends in Rule::gpuBusy, however
 * the timing of the threads falls out.
 */
namespace metal_double {

enum class Access { read, write };

class Memory {
 public:
  /**
   * Fresh storage holds NaNs of every float format, not zeros: Metal promises nothing about it.
   * @param cpuVisible a buffer of the shared storage mode
   * @param allocated the device's counter of allocated bytes
   */
  Memory(std::size_t length, bool cpuVisible, std::shared_ptr<std::atomic<std::size_t>> allocated);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  [[nodiscard]] std::size_t length() const { return length_; }
  /** With the padding to whole pages. */
  [[nodiscard]] std::size_t mappedBytes() const { return mapped_; }
  [[nodiscard]] std::byte* gpu() const { return gpu_; }
  /** Null for storage that the CPU does not see. */
  [[nodiscard]] std::byte* cpu() const { return cpu_; }

  /** A committed command buffer uses it from now on. */
  void beginUse(Access access);
  /** The CPU has learnt that this use is over. */
  void endUse(Access access);
  /** Breaks Rule::bufferBounds where the CPU has written past `length`. */
  void checkPadding() const;

 private:
  void changeUse(Access access, int by);

  std::size_t length_;
  std::size_t mapped_;
  std::byte* gpu_ = nullptr;
  std::byte* cpu_ = nullptr;
  /** The last reference to a command buffer may go on the GPU's thread. */
  std::mutex mutex_;
  int readers_ = 0;
  int writers_ = 0;
  std::shared_ptr<std::atomic<std::size_t>> allocated_;
};

}  // namespace metal_double
