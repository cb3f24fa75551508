#include "backends/cuda/hardware/monitor.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "backends/cuda/hardware/nvml_queries.h"

namespace mpsbench::cuda {

namespace {

/** Of a process whose memory the driver does not tell: on WSL, and in some containers. */
constexpr unsigned long long kNotAvailable = ~0ULL;
/** The driver averages over up to a second; older samples say nothing of now. */
constexpr std::chrono::milliseconds kSampleAge{1200};
constexpr double kPercent = 100;

using ProcessList = nvmlReturn_t (*)(nvmlDevice_t, unsigned int*, nvmlProcessInfo_t*);

class CudaMonitor final : public Monitor {
 public:
  CudaMonitor(std::shared_ptr<const Nvml> nvml, nvmlDevice_t device, int index)
      : nvml_(std::move(nvml)), device_(device) {
    char name[96] = {};
    const bool named = nvml_->nvmlDeviceGetName != nullptr &&
                       nvml_->nvmlDeviceGetName(device_, name, sizeof name) == NVML_SUCCESS;
    info_.index = index;
    info_.name = named ? name : "NVIDIA GPU";
    info_.uuid = uuidOf(*nvml_, device_);
    if (const auto found = memory()) info_.memoryBytes = found->total;
  }

  [[nodiscard]] const MonitorInfo& info() const override { return info_; }

  MonitorReading read() noexcept override {
    MonitorReading now;
    try {
      if (const auto use = ask<nvmlUtilization_t>(nvml_->nvmlDeviceGetUtilizationRates, device_)) {
        now.utilisation = use->gpu / kPercent;
      }
      if (const auto mhz = ask<unsigned>(nvml_->nvmlDeviceGetClockInfo, device_, NVML_CLOCK_SM)) {
        now.clockMHz = *mhz;
      }
      if (const auto milliwatts = ask<unsigned>(nvml_->nvmlDeviceGetPowerUsage, device_)) {
        now.powerW = *milliwatts / 1e3;
      }
      if (const auto found = memory()) now.memoryUsedBytes = found->used;
      now.processes = processes();
      if (now.processes) addUtilisation(*now.processes);
    } catch (const std::exception&) {
      // Out of host memory: what was read so far is still true.
    }
    return now;
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::optional<nvmlMemory_t> memory() const {
    return ask<nvmlMemory_t>(nvml_->nvmlDeviceGetMemoryInfo, device_);
  }

  /** Those that compute and those that draw; one that does both once. */
  [[nodiscard]] std::optional<std::vector<MonitoredProcess>> processes() {
    std::map<std::uint32_t, MonitoredProcess> byId;
    const bool compute = addProcesses(nvml_->nvmlDeviceGetComputeRunningProcesses, byId);
    const bool graphics = addProcesses(nvml_->nvmlDeviceGetGraphicsRunningProcesses, byId);
    if (!compute && !graphics) return std::nullopt;
    std::vector<MonitoredProcess> all;
    all.reserve(byId.size());
    for (auto& [pid, process] : byId) all.push_back(process);
    return all;
  }

  bool addProcesses(ProcessList list, std::map<std::uint32_t, MonitoredProcess>& byId) {
    if (list == nullptr) return false;
    listed_.resize(std::max<std::size_t>(listed_.size(), 64));
    auto count = static_cast<unsigned>(listed_.size());
    nvmlReturn_t status = list(device_, &count, listed_.data());
    if (status == NVML_ERROR_INSUFFICIENT_SIZE) {
      // Room for those that start meanwhile.
      listed_.resize(count + 64);
      count = static_cast<unsigned>(listed_.size());
      status = list(device_, &count, listed_.data());
    }
    if (status != NVML_SUCCESS) return false;
    for (unsigned i = 0; i < count; ++i) {
      const nvmlProcessInfo_t& found = listed_[i];
      MonitoredProcess& process = byId[found.pid];
      process.pid = found.pid;
      if (found.usedGpuMemory != kNotAvailable) {
        process.memoryBytes = std::max<std::uint64_t>(process.memoryBytes.value_or(0),
                                                      found.usedGpuMemory);
      }
    }
    return true;
  }

  /** Of a process without a recent sample: none, as the driver counts those with work only. */
  void addUtilisation(std::vector<MonitoredProcess>& all) {
    if (!takeSamples()) return;
    const auto now = Clock::now();
    for (MonitoredProcess& process : all) {
      const auto found = shares_.find(process.pid);
      const bool isRecent = found != shares_.end() && now - found->second.at < kSampleAge;
      process.utilisation = isRecent ? found->second.value : 0;
    }
    std::erase_if(shares_, [&](const auto& entry) { return now - entry.second.at > kSampleAge; });
  }

  /** @returns false where the driver does not count by process */
  bool takeSamples() {
    const auto function = nvml_->nvmlDeviceGetProcessUtilization;
    if (!countsByProcess_ || function == nullptr) return false;
    samples_.resize(std::max<std::size_t>(samples_.size(), 128));
    auto count = static_cast<unsigned>(samples_.size());
    nvmlReturn_t status = function(device_, samples_.data(), &count, lastSeen_);
    if (status == NVML_ERROR_INSUFFICIENT_SIZE) {
      samples_.resize(count + 128);
      count = static_cast<unsigned>(samples_.size());
      status = function(device_, samples_.data(), &count, lastSeen_);
    }
    // No sample since the last one: nothing ran.
    if (status == NVML_ERROR_NOT_FOUND) return true;
    countsByProcess_ = status == NVML_SUCCESS;
    if (!countsByProcess_) return false;
    const auto now = Clock::now();
    const bool isFirst = lastSeen_ == 0;
    for (unsigned i = 0; i < count; ++i) {
      const nvmlProcessUtilizationSample_t& sample = samples_[i];
      lastSeen_ = std::max(lastSeen_, sample.timeStamp);
      // The first call also gives what was long before; some drivers leave entries unset.
      if (isFirst || sample.timeStamp == 0 || sample.smUtil > kPercent) continue;
      shares_[sample.pid] = {sample.smUtil / kPercent, now};
    }
    return true;
  }

  struct Share {
    double value;
    Clock::time_point at;
  };

  std::shared_ptr<const Nvml> nvml_;
  nvmlDevice_t device_;
  MonitorInfo info_;
  std::vector<nvmlProcessInfo_t> listed_;
  std::vector<nvmlProcessUtilizationSample_t> samples_;
  std::map<std::uint32_t, Share> shares_;
  unsigned long long lastSeen_ = 0;
  bool countsByProcess_ = true;
};

}  // namespace

std::vector<std::shared_ptr<Monitor>> openMonitors(const std::shared_ptr<const Nvml>& nvml) {
  std::vector<std::shared_ptr<Monitor>> monitors;
  for (const nvmlDevice_t card : cardsOf(*nvml)) {
    const auto index = static_cast<int>(monitors.size());
    monitors.push_back(std::make_shared<CudaMonitor>(nvml, card, index));
  }
  return monitors;
}

}  // namespace mpsbench::cuda
