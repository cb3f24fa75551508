#include "backends/cuda/hardware/monitor.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "backends/cuda/hardware/nvml_queries.h"
#include "backends/cuda/hardware/pace.h"

namespace mpsbench::cuda {

namespace {

/** Of a process whose memory the driver does not tell: on WSL, and in some containers. */
constexpr unsigned long long kNotAvailable = ~0ULL;
/** The driver averages over up to a second; older samples say nothing of now. */
constexpr std::chrono::milliseconds kSampleAge{1200};
constexpr double kPercent = 100;

/** Shares of a CPU that the questions about all cards may take together: 0.6 %. */
constexpr double kUtilisationShare = 0.0025;
constexpr double kProcessesShare = 0.002;
/** Of each of the others, which change slowly or lose nothing when they are asked later. */
constexpr double kOtherShare = 0.0005;
/** However slow the driver is: its averages cover from a sixth of a second to a second. */
constexpr std::chrono::milliseconds kLongest{500};
constexpr std::chrono::milliseconds kOtherLongest{1000};

using ProcessList = nvmlReturn_t (*)(nvmlDevice_t, unsigned int*, nvmlProcessInfo_t*);

class CudaMonitor final : public Monitor {
 public:
  /** @param cards how many are read */
  CudaMonitor(std::shared_ptr<const Nvml> nvml, nvmlDevice_t device, int index, std::size_t cards)
      : nvml_(std::move(nvml)),
        device_(device),
        utilisation_(kUtilisationShare / static_cast<double>(cards), kLongest),
        compute_(kProcessesShare / static_cast<double>(cards), kLongest),
        graphics_(kOtherShare / static_cast<double>(cards), kOtherLongest),
        clock_(kOtherShare / static_cast<double>(cards), kOtherLongest),
        power_(kOtherShare / static_cast<double>(cards), kOtherLongest),
        used_(kOtherShare / static_cast<double>(cards), kOtherLongest),
        samplesPace_(kOtherShare / static_cast<double>(cards), kOtherLongest) {
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
      const auto at = Clock::now().time_since_epoch();
      const auto use = utilisation_.read(at, [&] {
        return ask<nvmlUtilization_t>(nvml_->nvmlDeviceGetUtilizationRates, device_);
      });
      if (use) now.utilisation = use->gpu / kPercent;
      const auto mhz = clock_.read(
          at, [&] { return ask<unsigned>(nvml_->nvmlDeviceGetClockInfo, device_, NVML_CLOCK_SM); });
      if (mhz) now.clockMHz = *mhz;
      const auto milliwatts =
          power_.read(at, [&] { return ask<unsigned>(nvml_->nvmlDeviceGetPowerUsage, device_); });
      if (milliwatts) now.powerW = *milliwatts / 1e3;
      const auto found = used_.read(at, [&] { return memory(); });
      if (found) now.memoryUsedBytes = found->used;
      now.processes = processes(at);
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
  [[nodiscard]] std::optional<std::vector<MonitoredProcess>> processes(Clock::duration at) {
    const auto& compute =
        compute_.read(at, [&] { return listed(nvml_->nvmlDeviceGetComputeRunningProcesses); });
    const auto& graphics =
        graphics_.read(at, [&] { return listed(nvml_->nvmlDeviceGetGraphicsRunningProcesses); });
    if (!compute && !graphics) return std::nullopt;
    std::map<std::uint32_t, MonitoredProcess> byId;
    for (const auto* list : {&compute, &graphics}) {
      if (*list) addProcesses(**list, byId);
    }
    std::vector<MonitoredProcess> all;
    all.reserve(byId.size());
    for (auto& [pid, process] : byId) all.push_back(process);
    return all;
  }

  [[nodiscard]] std::optional<std::vector<nvmlProcessInfo_t>> listed(ProcessList list) const {
    if (list == nullptr) return std::nullopt;
    std::vector<nvmlProcessInfo_t> found(64);
    auto count = static_cast<unsigned>(found.size());
    nvmlReturn_t status = list(device_, &count, found.data());
    if (status == NVML_ERROR_INSUFFICIENT_SIZE) {
      // Room for those that start meanwhile.
      found.resize(count + 64);
      count = static_cast<unsigned>(found.size());
      status = list(device_, &count, found.data());
    }
    if (status != NVML_SUCCESS) return std::nullopt;
    found.resize(count);
    return found;
  }

  static void addProcesses(const std::vector<nvmlProcessInfo_t>& list,
                           std::map<std::uint32_t, MonitoredProcess>& byId) {
    for (const nvmlProcessInfo_t& found : list) {
      MonitoredProcess& process = byId[found.pid];
      process.pid = found.pid;
      if (found.usedGpuMemory != kNotAvailable) {
        process.memoryBytes =
            std::max<std::uint64_t>(process.memoryBytes.value_or(0), found.usedGpuMemory);
      }
    }
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
    const auto at = Clock::now().time_since_epoch();
    if (!samplesPace_.isDue(at)) return true;
    const auto before = threadTime();
    samples_.resize(std::max<std::size_t>(samples_.size(), 128));
    auto count = static_cast<unsigned>(samples_.size());
    nvmlReturn_t status = function(device_, samples_.data(), &count, lastSeen_);
    if (status == NVML_ERROR_INSUFFICIENT_SIZE) {
      samples_.resize(count + 128);
      count = static_cast<unsigned>(samples_.size());
      status = function(device_, samples_.data(), &count, lastSeen_);
    }
    samplesPace_.asked(at, threadTime() - before);
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
  Paced<nvmlUtilization_t> utilisation_;
  Paced<std::vector<nvmlProcessInfo_t>> compute_;
  Paced<std::vector<nvmlProcessInfo_t>> graphics_;
  Paced<unsigned> clock_;
  Paced<unsigned> power_;
  Paced<nvmlMemory_t> used_;
  Pace samplesPace_;
  std::vector<nvmlProcessUtilizationSample_t> samples_;
  std::map<std::uint32_t, Share> shares_;
  unsigned long long lastSeen_ = 0;
  bool countsByProcess_ = true;
};

}  // namespace

std::vector<std::shared_ptr<Monitor>> openMonitors(const std::shared_ptr<const Nvml>& nvml) {
  std::vector<std::shared_ptr<Monitor>> monitors;
  const std::vector<nvmlDevice_t> cards = cardsOf(*nvml);
  for (const nvmlDevice_t card : cards) {
    const auto index = static_cast<int>(monitors.size());
    monitors.push_back(std::make_shared<CudaMonitor>(nvml, card, index, cards.size()));
  }
  return monitors;
}

}  // namespace mpsbench::cuda
