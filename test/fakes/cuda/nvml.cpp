#include <signal.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "state.h"

#define FAKE_LIBRARY "backends/cuda/driver/api/nvml.def"
#include "exports.h"

// A fake libnvidia-ml. With sensors=0 in the script it knows nothing, as on a restricted system.
namespace mpsbench::cuda {

using fake::State;

namespace {

#define ENTER(call) \
  if (const int status = State::get().enter(call); status != 0) return nvmlReturn_t(status)
#define SENSOR(call) \
  ENTER(call);       \
  if (!wanted("sensors", 1)) return NVML_ERROR_NOT_SUPPORTED

long long wanted(const char* key, long long otherwise) {
  return State::get().script.number(key, otherwise);
}

constexpr int kMostCards = 16;
/** A handle is the place of its card; nothing is behind it. */
std::array<char, kMostCards> places;

int cardOf(nvmlDevice_t device) {
  return static_cast<int>(reinterpret_cast<char*>(device) - places.data());
}

long long wantedOf(nvmlDevice_t device, const char* key, long long otherwise) {
  return State::get().script.numberOf(cardOf(device), key, otherwise);
}

/** The first card that fits; NVML knows those that CUDA_VISIBLE_DEVICES hides, too. */
template <class Fits>
nvmlReturn_t findCard(nvmlDevice_t* device, const Fits& fits) {
  for (int card = 0; card < wanted("devices", 1) && card < kMostCards; ++card) {
    if (!fits(card)) continue;
    *device = reinterpret_cast<nvmlDevice_t>(&places[static_cast<std::size_t>(card)]);
    return NVML_SUCCESS;
  }
  return nvmlReturn_t(6);  // NVML_ERROR_NOT_FOUND
}

std::vector<unsigned int> runningProcesses() {
  std::vector<unsigned int> pids;
  std::ifstream holders(State::get().script.text("holders", ""));
  for (std::string word; holders >> word;) {
    const bool joined = word == "joined";
    if (joined) holders >> word;
    const auto pid = static_cast<unsigned int>(std::stoul(word));
    // Like NVML, it does not list a process that has ended.
    if (!joined || kill(static_cast<pid_t>(pid), 0) == 0) pids.push_back(pid);
  }
  for (unsigned int i = 0; i < wanted("processes", 0); ++i) pids.push_back(4'000'000 + i);
  return pids;
}

nvmlReturn_t processes(unsigned int* count, nvmlProcessInfo_t* to,
                       const std::vector<unsigned int>& pids) {
  const unsigned int room = *count;
  *count = static_cast<unsigned int>(pids.size());
  if (room < *count) return NVML_ERROR_INSUFFICIENT_SIZE;
  for (unsigned int i = 0; i < *count; ++i) to[i] = {pids[i], 1 << 20, 0, 0};
  return NVML_SUCCESS;
}

}  // namespace

nvmlReturn_t nvmlInit() {
  ENTER("nvmlInit");
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlShutdown() {
  ENTER("nvmlShutdown");
  return NVML_SUCCESS;
}

const char* nvmlErrorString(nvmlReturn_t status) {
  switch (status) {
    case NVML_ERROR_DRIVER_NOT_LOADED:
      return "Driver Not Loaded";
    case NVML_ERROR_LIB_RM_VERSION_MISMATCH:
      return "Driver/library version mismatch";
    default:
      return "Fake Error";
  }
}

nvmlReturn_t nvmlSystemGetDriverVersion(char* version, unsigned int length) {
  ENTER("nvmlSystemGetDriverVersion");
  std::snprintf(version, length, "580.65.06");
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* device) {
  ENTER("nvmlDeviceGetHandleByUUID");
  return findCard(device, [&](int card) { return uuid == "GPU-" + State::uuidOf(card); });
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char* id, nvmlDevice_t* device) {
  ENTER("nvmlDeviceGetHandleByPciBusId");
  return findCard(device, [&](int card) {
    char own[32];
    std::snprintf(own, sizeof own, "0000:%02X:00.0", 0x17 + card);
    return std::string(id) == own;
  });
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* utilization) {
  SENSOR("nvmlDeviceGetUtilizationRates");
  utilization->gpu = static_cast<unsigned int>(wantedOf(device, "utilisation", 97));
  utilization->memory = 40;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t, nvmlClockType_t type, unsigned int* mhz) {
  SENSOR("nvmlDeviceGetClockInfo");
  *mhz = type == NVML_CLOCK_SM ? 1755 : 3201;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t, nvmlClockType_t type, unsigned int* mhz) {
  SENSOR("nvmlDeviceGetMaxClockInfo");
  *mhz = type == NVML_CLOCK_SM ? 1980 : 3201;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t, nvmlTemperatureSensors_t,
                                      unsigned int* celsius) {
  SENSOR("nvmlDeviceGetTemperature");
  *celsius = 54;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int* milliwatts) {
  SENSOR("nvmlDeviceGetPowerUsage");
  *milliwatts = static_cast<unsigned int>(wantedOf(device, "power", 402'500));
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t, unsigned int* milliwatts) {
  SENSOR("nvmlDeviceGetEnforcedPowerLimit");
  *milliwatts = 700'000;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t, unsigned long long* millijoules) {
  SENSOR("nvmlDeviceGetTotalEnergyConsumption");
  // 400 W of the pretended device's time.
  *millijoules = static_cast<unsigned long long>(State::get().deviceNs() * 400 * 1e-6);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device,
                                                       unsigned long long* reasons) {
  SENSOR("nvmlDeviceGetCurrentClocksThrottleReasons");
  *reasons = static_cast<unsigned long long>(wantedOf(device, "throttle", 0));
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t, nvmlMemory_t* memory) {
  SENSOR("nvmlDeviceGetMemoryInfo");
  memory->total = static_cast<unsigned long long>(wanted("memory", 1LL << 30));
  memory->used = State::get().allocatedBytes();
  memory->free = memory->total - memory->used;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t, unsigned int* count,
                                                  nvmlProcessInfo_t* to) {
  SENSOR("nvmlDeviceGetComputeRunningProcesses");
  return processes(count, to, runningProcesses());
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t, unsigned int* count,
                                                   nvmlProcessInfo_t* to) {
  SENSOR("nvmlDeviceGetGraphicsRunningProcesses");
  return processes(count, to, {});
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t, unsigned int* now, unsigned int* pending) {
  SENSOR("nvmlDeviceGetMigMode");
  *now = *pending = static_cast<unsigned int>(wanted("mig", 0));
  return NVML_SUCCESS;
}

}  // namespace mpsbench::cuda
