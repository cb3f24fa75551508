#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda/driver/libraries.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/**
 * One GPU as NVML sees it; every answer is missing if NVML has none. A MIG instance has memory
 * and processes of its own; its clocks, temperature and power are those of the card.
 */
class Sensors {
 public:
  /**
   * The GPU of this UUID or, where NVML does not know it (a part of a GPU), of this PCI id: NVML
   * counts GPUs in another order than CUDA, and ignores CUDA_VISIBLE_DEVICES.
   * @param uuid without the prefix, for example `7f0e...-...`
   */
  Sensors(const Nvml* nvml, const std::string& uuid, const std::string& pciId);

  /** The UUID with its prefix, as in CUDA_VISIBLE_DEVICES. */
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
  /** What this device is a part of; nothing for a whole card. */
  [[nodiscard]] std::optional<MigInstance> instance() const;
  /** What connects the card with others; of an instance nothing. */
  [[nodiscard]] std::vector<Link> links() const;
  /** For example `580.159.04`. */
  [[nodiscard]] std::optional<std::string> driverVersion() const;

 private:
  bool findByUuid(const std::string& uuid);
  [[nodiscard]] std::optional<int> otherProcesses(bool holdsContext,
                                                  std::span<const std::uint32_t> siblings) const;

  const Nvml* nvml_;
  std::string uuid_;
  nvmlDevice_t device_ = nullptr;
  /** That which the instance is a part of, else the same. */
  nvmlDevice_t card_ = nullptr;
};

}  // namespace mpsbench::cuda
