#include "backends/metal/hardware/monitor.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/driver/text.h"
#include "backends/metal/hardware/iokit.h"
#include "backends/metal/hardware/sensors.h"

namespace mpsbench::metal {

namespace {

class MetalMonitor final : public Monitor {
 public:
  MetalMonitor(id<MTLDevice> device, int index)
      : registryId_([device registryID]), sensors_(device) {
    info_.index = index;
    info_.name = text([device name]);
    info_.memoryBytes = [device recommendedMaxWorkingSetSize];
  }

  [[nodiscard]] const MonitorInfo& info() const override { return info_; }

  MonitorReading read() noexcept override {
    try {
      return guarded("reading the sensors", [this] {
        const Telemetry telemetry = sensors_.read();
        const Accelerator accelerator(registryId_);
        MonitorReading now;
        now.utilisation = telemetry.utilisation;
        now.clockMHz = telemetry.clockMHz;
        now.powerW = telemetry.powerW;
        now.memoryUsedBytes = accelerator.memoryInUse();
        now.processes = processes(accelerator);
        return now;
      });
    } catch (const std::exception&) {
      return {};
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Times = std::map<std::uint32_t, std::uint64_t>;

  /** The GPU time that each process gained since the last reading, as a share of the time. */
  std::optional<std::vector<MonitoredProcess>> processes(const Accelerator& accelerator) {
    const auto clients = accelerator.clients();
    if (!clients) return std::nullopt;
    Times now;
    for (const AcceleratorClient& client : *clients) now[client.pid] += client.gpuNs;
    const auto at = Clock::now();
    const std::optional<Times> before = std::exchange(gpuNs_, now);
    const auto passed = std::chrono::duration<double, std::nano>(at - std::exchange(at_, at));
    std::vector<MonitoredProcess> all;
    for (const auto& [pid, ns] : now) {
      MonitoredProcess process{.pid = pid};
      if (before && passed.count() > 0) {
        const auto found = before->find(pid);
        // One that is new began with no time; one that closed a client has less than before.
        const std::uint64_t earlier = found == before->end() ? 0 : std::min(found->second, ns);
        process.utilisation = std::min(1.0, static_cast<double>(ns - earlier) / passed.count());
      }
      all.push_back(process);
    }
    return all;
  }

  std::uint64_t registryId_;
  Sensors sensors_;
  MonitorInfo info_;
  std::optional<Times> gpuNs_;
  Clock::time_point at_;
};

}  // namespace

std::shared_ptr<Monitor> openMonitor(id<MTLDevice> device, int index) {
  return std::make_shared<MetalMonitor>(device, index);
}

}  // namespace mpsbench::metal
