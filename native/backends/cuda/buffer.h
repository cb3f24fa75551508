#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "backends/cuda/api/cuda.h"

namespace mpsbench::cuda {

class Driver;

/** Device memory; freed when the value dies, while the device's context lives. */
class DeviceBuffer {
 public:
  DeviceBuffer(const Driver& driver, CUdeviceptr address, std::size_t bytes)
      : driver_(driver), address_(address), bytes_(bytes) {}
  ~DeviceBuffer();
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  [[nodiscard]] CUdeviceptr address() const { return address_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  const Driver& driver_;
  CUdeviceptr address_;
  std::size_t bytes_;
};

/** Hands out the memory of the current context. */
class Memory {
 public:
  explicit Memory(const Driver& driver) : driver_(driver) {}

  /** Zeroed memory, for `what`. @throws Error `out_of_memory` that says what was needed and free */
  std::shared_ptr<DeviceBuffer> allocate(std::size_t bytes, const std::string& what);
  /** Checks that the memory is free before anything is allocated. @throws Error `out_of_memory` */
  void require(std::uint64_t bytes) const;

 private:
  const Driver& driver_;
};

}  // namespace mpsbench::cuda
