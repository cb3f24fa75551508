#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/** GPUs as they are seen from outside; the native mirror of Monitor in src/backends/types.ts. */
namespace mpsbench {

struct MonitorInfo {
  int index = 0;
  std::string name;
  std::optional<std::string> uuid = {};
  std::optional<std::uint64_t> memoryBytes = {};
};

struct MonitoredProcess {
  std::uint32_t pid = 0;
  std::optional<std::uint64_t> memoryBytes = {};
  /** Share of the last sampling period, 0 to 1; missing where the driver does not count by process.
   */
  std::optional<double> utilisation = {};
};

/** What a GPU's sensors say at one moment; each only where they say it. */
struct MonitorReading {
  /** Share of the last sampling period with work on the device, by all processes, 0 to 1. */
  std::optional<double> utilisation = {};
  std::optional<double> clockMHz = {};
  std::optional<double> powerW = {};
  /** By all processes. */
  std::optional<std::uint64_t> memoryUsedBytes = {};
  /** By the ids that the driver knows; missing where it lists none. */
  std::optional<std::vector<MonitoredProcess>> processes = {};
};

/** Reads the sensors of a GPU, some times per second and for hours, and opens no device. */
class Monitor {
 public:
  Monitor() = default;
  virtual ~Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  [[nodiscard]] virtual const MonitorInfo& info() const = 0;
  virtual MonitorReading read() noexcept = 0;
};

}  // namespace mpsbench
