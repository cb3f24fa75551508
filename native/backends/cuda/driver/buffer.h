#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "backends/cuda/driver/api/cuda.h"
#include "core/error.h"

namespace mpsbench::cuda {

class Driver;

/** A device address in the form that libraries expect. */
inline void* pointer(CUdeviceptr address) {
  return std::bit_cast<void*>(address);
}

/** Bytes of device memory in use, shared by those that allocate and those that free. */
using MemoryUse = std::shared_ptr<std::uint64_t>;

/** Device memory; freed when the value dies, which must be while the device's context lives. */
class DeviceBuffer {
 public:
  DeviceBuffer(const Driver& driver, CUdeviceptr address, std::size_t bytes, MemoryUse use);
  ~DeviceBuffer();
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  [[nodiscard]] CUdeviceptr address() const { return address_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  const Driver& driver_;
  CUdeviceptr address_;
  std::size_t bytes_;
  MemoryUse use_;
};

/** Hands out the memory of the current context to one executable. */
class Memory {
 public:
  Memory(const Driver& driver, CUstream stream)
      : driver_(driver), stream_(stream), use_(std::make_shared<std::uint64_t>(0)) {}

  /** Zeroed memory. @throws Error `out_of_memory` that says what was needed and what is free */
  [[nodiscard]] std::shared_ptr<DeviceBuffer> allocate(std::size_t bytes) const;
  /** Checks, before anything is allocated, that `bytes` more would fit. @throws Error
   * `out_of_memory` */
  void require(std::uint64_t bytes) const;
  /** Bytes that are allocated and not freed. */
  [[nodiscard]] std::uint64_t used() const { return *use_; }

 private:
  [[nodiscard]] Error tooLittle(std::uint64_t bytes) const;

  const Driver& driver_;
  CUstream stream_;
  MemoryUse use_;
};

}  // namespace mpsbench::cuda
