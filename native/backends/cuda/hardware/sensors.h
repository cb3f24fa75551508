#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "backends/cuda/driver/libraries.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/** One GPU as NVML sees it; every answer is missing where NVML has none. */
class Sensors {
 public:
  /**
   * The GPU of this UUID or, where NVML does not know it (a part of a GPU), of this PCI id: NVML
   * counts GPUs in another order than CUDA, and ignores CUDA_VISIBLE_DEVICES.
   * @param uuid without the prefix, for example `7f0e...-...`
   */
  Sensors(const Nvml* nvml, const std::string& uuid, const std::string& pciId);

  /** The UUID with its prefix, as CUDA_VISIBLE_DEVICES takes it. */
  [[nodiscard]] const std::string& uuid() const { return uuid_; }
  /**
   * @param holdsContext whether this process is among those on the device
   * @param siblings ids of our other processes that may be
   */
  [[nodiscard]] Telemetry read(bool holdsContext,
                               std::span<const std::uint32_t> siblings) const noexcept;

  [[nodiscard]] std::optional<double> maxClockMHz(nvmlClockType_t type) const;
  [[nodiscard]] std::optional<double> powerLimitW() const;
  [[nodiscard]] std::optional<nvmlMemory_t> memory() const;
  /** Whether the card is split by MIG. */
  [[nodiscard]] std::optional<bool> mig() const;
  /** For example `580.159.04`. */
  [[nodiscard]] std::optional<std::string> driverVersion() const;

 private:
  [[nodiscard]] std::optional<int> otherProcesses(bool holdsContext,
                                                  std::span<const std::uint32_t> siblings) const;

  const Nvml* nvml_;
  std::string uuid_;
  nvmlDevice_t device_ = nullptr;
};

}  // namespace mpsbench::cuda
