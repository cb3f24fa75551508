#pragma once

#import <IOKit/IOKitLib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mpsbench::metal {

/** Owns a reference to an entry of the I/O registry; may be empty. */
class RegistryEntry {
 public:
  RegistryEntry() = default;
  explicit RegistryEntry(io_registry_entry_t entry) : entry_(entry) {}
  ~RegistryEntry();
  RegistryEntry(const RegistryEntry&) = delete;
  RegistryEntry& operator=(const RegistryEntry&) = delete;

  [[nodiscard]] io_registry_entry_t get() const { return entry_; }
  explicit operator bool() const { return entry_ != 0; }

 private:
  io_registry_entry_t entry_ = 0;
};

/** A process with a queue on a GPU. */
struct AcceleratorClient {
  std::uint32_t pid = 0;
  /** Time with its work on the GPU, since it opened it. */
  std::uint64_t gpuNs = 0;
};

/** What the I/O registry says of a GPU; each only where it says it. No privileges are needed. */
class Accelerator {
 public:
  /** @param registryId MTLDevice's, which is that of the accelerator's entry */
  explicit Accelerator(std::uint64_t registryId);

  /** The driver's class, for example `AGXAcceleratorG13G`. */
  [[nodiscard]] std::optional<std::string> className() const;
  /** The marketing name, for example `Apple M1`, `AMD Radeon Pro 5500M`. */
  [[nodiscard]] std::optional<std::string> model() const;
  /** Apple silicon only. */
  [[nodiscard]] std::optional<int> cores() const;
  /** The share of the driver's last sampling period with work on the GPU, 0 to 1. */
  [[nodiscard]] std::optional<double> utilisation() const;
  /** Memory of the system in use by all processes' GPU objects. Apple silicon only. */
  [[nodiscard]] std::optional<std::uint64_t> memoryInUse() const;
  /**
   * Its clients, one or several for a process; nothing where the driver does not count their time.
   * Their names are no contract of Apple's: they were read on macOS 13 to 26.
   */
  [[nodiscard]] std::optional<std::vector<AcceleratorClient>> clients() const;

 private:
  RegistryEntry entry_;
};

/**
 * The clocks of Apple silicon's GPU, ascending, from the power manager's table: `pmgr`, or since
 * the M6 `pmgr-child`. Empty in a virtual machine and on an Intel Mac.
 */
std::vector<double> appleGpuClocksMHz();

}  // namespace mpsbench::metal
