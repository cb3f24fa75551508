#include "backends/cuda/hardware/sensors.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "backends/cuda/hardware/links.h"
#include "backends/cuda/hardware/mig.h"
#include "backends/cuda/hardware/nvml_queries.h"

namespace mpsbench::cuda {

namespace {

constexpr std::pair<unsigned long long, const char*> kThrottling[] = {
    {nvmlClocksEventReasonSwPowerCap, "power limit"},
    {nvmlClocksThrottleReasonHwSlowdown, "hardware slowdown"},
    {nvmlClocksEventReasonSwThermalSlowdown, "temperature, by the driver"},
    {nvmlClocksThrottleReasonHwThermalSlowdown, "temperature, by the hardware"},
    {nvmlClocksThrottleReasonHwPowerBrakeSlowdown, "power brake from outside the card"},
    {nvmlClocksEventReasonBoardLimit, "board limit"},
    {nvmlClocksEventReasonReliability, "reliability limit"},
    {nvmlClocksEventReasonSyncBoost, "held to the clocks of a group of cards"},
    {nvmlClocksEventReasonDisplayClockSetting, "clocks set for a display"},
    {nvmlClocksEventReasonApplicationsClocksSetting, "application clocks set by the user"},
};

template <class Value>
std::optional<double> scaled(const std::optional<Value>& value, double factor) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value) * factor;
}

using ProcessList = nvmlReturn_t (*)(nvmlDevice_t, unsigned int*, nvmlProcessInfo_t*);

/** Adds the processes of one kind; false if NVML does not say. */
bool addProcesses(ProcessList list, nvmlDevice_t device, std::vector<unsigned>& pids) {
  if (list == nullptr) return false;
  std::vector<nvmlProcessInfo_t> found(64);
  auto count = static_cast<unsigned>(found.size());
  nvmlReturn_t status = list(device, &count, found.data());
  if (status == NVML_ERROR_INSUFFICIENT_SIZE) {
    // Room for those that start meanwhile.
    found.resize(count + 64);
    count = static_cast<unsigned>(found.size());
    status = list(device, &count, found.data());
  }
  if (status != NVML_SUCCESS) return false;
  for (unsigned i = 0; i < count; ++i) pids.push_back(found[i].pid);
  return true;
}

}  // namespace

Sensors::Sensors(const Nvml* nvml, const std::string& uuid, const std::string& pciId)
    : nvml_(nvml), uuid_("GPU-" + uuid) {
  if (nvml_ == nullptr) return;
  if (!findByUuid(uuid) &&
      nvml_->nvmlDeviceGetHandleByPciBusId(pciId.c_str(), &device_) != NVML_SUCCESS) {
    nvml_ = nullptr;
    return;
  }
  card_ = ask<nvmlDevice_t>(nvml_->nvmlDeviceGetDeviceHandleFromMigDeviceHandle, device_)
              .value_or(device_);
}

bool Sensors::findByUuid(const std::string& uuid) {
  for (const char* prefix : {"GPU-", "MIG-"}) {
    const std::string full = prefix + uuid;
    if (nvml_->nvmlDeviceGetHandleByUUID(full.c_str(), &device_) != NVML_SUCCESS) continue;
    uuid_ = full;
    return true;
  }
  return false;
}

std::optional<MigInstance> Sensors::instance() const {
  return card_ == device_ ? std::nullopt : migInstance(*nvml_, device_);
}

std::vector<Link> Sensors::links() const {
  // Instances reach no other card.
  return nvml_ == nullptr || card_ != device_ ? std::vector<Link>{} : linksOf(*nvml_, card_);
}

Telemetry Sensors::read(bool holdsContext, std::span<const std::uint32_t> siblings) const noexcept {
  Telemetry telemetry;
  if (nvml_ == nullptr) return telemetry;
  try {
    if (const auto use = ask<nvmlUtilization_t>(nvml_->nvmlDeviceGetUtilizationRates, device_)) {
      telemetry.utilisation = use->gpu / 100.0;
    }
    telemetry.clockMHz =
        scaled(ask<unsigned>(nvml_->nvmlDeviceGetClockInfo, card_, NVML_CLOCK_SM), 1);
    telemetry.memoryClockMHz =
        scaled(ask<unsigned>(nvml_->nvmlDeviceGetClockInfo, card_, NVML_CLOCK_MEM), 1);
    telemetry.temperatureC =
        scaled(ask<unsigned>(nvml_->nvmlDeviceGetTemperature, card_, NVML_TEMPERATURE_GPU), 1);
    telemetry.powerW = scaled(ask<unsigned>(nvml_->nvmlDeviceGetPowerUsage, card_), 1e-3);
    // The counter is that of the card: the share of an instance is unknown.
    if (card_ == device_) {
      telemetry.energyJ =
          scaled(ask<unsigned long long>(nvml_->nvmlDeviceGetTotalEnergyConsumption, card_), 1e-3);
    }
    if (const auto found = memory()) telemetry.memoryFreeBytes = found->free;
    telemetry.otherProcesses = otherProcesses(holdsContext, siblings);
    const auto reasons =
        ask<unsigned long long>(nvml_->nvmlDeviceGetCurrentClocksThrottleReasons, card_);
    for (const auto& [bit, words] : kThrottling) {
      if ((reasons.value_or(0) & bit) != 0) telemetry.throttling.emplace_back(words);
    }
  } catch (const std::exception&) {
    // Out of host memory: what was read so far is still true.
  }
  return telemetry;
}

std::optional<int> Sensors::otherProcesses(bool holdsContext,
                                           std::span<const std::uint32_t> siblings) const {
  std::vector<unsigned> pids;
  const bool compute = addProcesses(nvml_->nvmlDeviceGetComputeRunningProcesses, device_, pids);
  const bool graphics = addProcesses(nvml_->nvmlDeviceGetGraphicsRunningProcesses, device_, pids);
  if (!compute && !graphics) return std::nullopt;
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  const auto held = static_cast<int>(pids.size());
  const auto isListed = [&](unsigned pid) {
    return std::binary_search(pids.begin(), pids.end(), pid);
  };
  const auto listed = static_cast<int>(std::count_if(siblings.begin(), siblings.end(), isListed)) +
                      (isListed(static_cast<unsigned>(getpid())) ? 1 : 0);
  if (listed > 0) return held - listed;
  // In a container NVML may tell the host's process ids, or one id for all, or none (nor does it on
  // WSL). Ours are then among them under other numbers, and which siblings are cannot be known.
  const int most = held - (holdsContext ? 1 : 0);
  const int least = std::max(0, most - static_cast<int>(siblings.size()));
  if (least > 0 || most == 0) return least;
  return std::nullopt;
}

std::optional<double> Sensors::maxClockMHz(nvmlClockType_t type) const {
  if (nvml_ == nullptr) return std::nullopt;
  return scaled(ask<unsigned>(nvml_->nvmlDeviceGetMaxClockInfo, card_, type), 1);
}

std::optional<double> Sensors::powerLimitW() const {
  if (nvml_ == nullptr) return std::nullopt;
  return scaled(ask<unsigned>(nvml_->nvmlDeviceGetEnforcedPowerLimit, card_), 1e-3);
}

std::optional<nvmlMemory_t> Sensors::memory() const {
  if (nvml_ == nullptr) return std::nullopt;
  return ask<nvmlMemory_t>(nvml_->nvmlDeviceGetMemoryInfo, device_);
}

std::optional<bool> Sensors::mig() const {
  return nvml_ == nullptr ? std::nullopt : migMode(*nvml_, card_);
}

std::optional<std::string> Sensors::driverVersion() const {
  if (nvml_ == nullptr) return std::nullopt;
  char text[96] = {};
  if (nvml_->nvmlSystemGetDriverVersion(text, sizeof text) != NVML_SUCCESS) return std::nullopt;
  return std::string(text);
}

}  // namespace mpsbench::cuda
