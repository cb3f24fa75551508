#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "state.h"

#define FAKE_LIBRARY "backends/cuda/driver/api/nvml.def"
#include "exports.h"

// A fake libnvidia-ml. With sensors=0 in the script it knows nothing, as on a restricted system.
namespace mpsbench::cuda {

using fake::State;
using fake::Visible;

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
/** As of an H200. */
constexpr int kMostInstances = 7;
/** A handle is the place of its card, or of an instance after it; nothing is behind it. */
std::array<char, kMostCards*(1 + kMostInstances)> places;

nvmlDevice_t handleOf(const Visible& device) {
  const int part = device.instance ? 1 + *device.instance : 0;
  const int place = device.card * (1 + kMostInstances) + part;
  return reinterpret_cast<nvmlDevice_t>(&places[static_cast<std::size_t>(place)]);
}

Visible behind(nvmlDevice_t device) {
  const auto place = static_cast<int>(reinterpret_cast<char*>(device) - places.data());
  const int part = place % (1 + kMostInstances);
  return {place / (1 + kMostInstances), part > 0 ? std::optional(part - 1) : std::nullopt};
}

int cardOf(nvmlDevice_t device) {
  return behind(device).card;
}

bool isInstance(nvmlDevice_t device) {
  return behind(device).instance.has_value();
}

long long wantedOf(nvmlDevice_t device, const char* key, long long otherwise) {
  return State::get().script.numberOf(cardOf(device), key, otherwise);
}

constexpr auto kInvalidArgument = nvmlReturn_t(2);

int cardCount() {
  return std::min<int>(static_cast<int>(wanted("devices", 1)), kMostCards);
}

/** The first that fits; NVML knows those that CUDA_VISIBLE_DEVICES hides, too. */
template <class Fits>
nvmlReturn_t findDevice(nvmlDevice_t* device, const Fits& fits) {
  for (int card = 0; card < cardCount(); ++card) {
    const int instances = State::get().instancesOf(card).value_or(0);
    for (int part = -1; part < instances; ++part) {
      const Visible one{card, part < 0 ? std::nullopt : std::optional(part)};
      if (!fits(one)) continue;
      *device = handleOf(one);
      return NVML_SUCCESS;
    }
  }
  return NVML_ERROR_NOT_FOUND;
}

nvmlPciInfo_t pciOf(unsigned int bus) {
  nvmlPciInfo_t pci{};
  pci.bus = bus;
  std::snprintf(pci.busIdLegacy, sizeof pci.busIdLegacy, "0000:%02X:00.0", bus);
  std::snprintf(pci.busId, sizeof pci.busId, "00000000:%02X:00.0", bus);
  return pci;
}

nvmlPciInfo_t pciOfCard(int card) {
  return pciOf(0x17 + static_cast<unsigned int>(card));
}

/** What the script says of a pair of cards, in either order, else of all pairs. */
std::optional<long long> ofPair(const char* key, int a, int b) {
  const std::string name = std::string(key) + "." + std::to_string(std::min(a, b)) + "." +
                           std::to_string(std::max(a, b));
  const long long said = wanted(name.c_str(), -1);
  return said < 0 ? std::nullopt : std::optional(said);
}

/** What is at the other end of an NVLink: a card, or a switch. */
struct LinkEnd {
  std::optional<int> card;
};

/** The NVLinks of a card: those that go directly to another one, then those to switches. */
std::vector<LinkEnd> nvlinksOf(int card) {
  std::vector<LinkEnd> ends;
  for (int other = 0; other < cardCount(); ++other) {
    const auto direct = static_cast<std::size_t>(ofPair("nvlinks", card, other).value_or(0));
    ends.insert(ends.end(), direct, LinkEnd{other});
  }
  ends.resize(ends.size() + static_cast<std::size_t>(wanted("nvlinks", 0)));
  return ends;
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

/** Percent of utilisation: what the plan says of now, else the same at all times. */
unsigned int utilisationOf(nvmlDevice_t device) {
  using Clock = std::chrono::steady_clock;
  static const auto start = Clock::now();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::istringstream plan(State::get().script.textOf(cardOf(device), "plan", ""));
  auto percent = static_cast<unsigned int>(wantedOf(device, "utilisation", 97));
  for (std::string step; std::getline(plan, step, ',');) {
    percent = static_cast<unsigned int>(std::stoul(step.substr(step.find(':') + 1)));
    if (seconds < std::stod(step)) break;
  }
  return percent;
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
  return findDevice(device, [&](const Visible& one) { return uuid == State::uuidOf(one); });
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char* id, nvmlDevice_t* device) {
  ENTER("nvmlDeviceGetHandleByPciBusId");
  return findDevice(device, [&](const Visible& one) {
    return std::string(id) == pciOfCard(one.card).busIdLegacy;
  });
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* utilization) {
  SENSOR("nvmlDeviceGetUtilizationRates");
  // Nor does the real one say it of an instance, or of a card that is split.
  if (State::get().instancesOf(cardOf(device))) return NVML_ERROR_NOT_SUPPORTED;
  utilization->gpu = utilisationOf(device);
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

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  SENSOR("nvmlDeviceGetMemoryInfo");
  memory->total = static_cast<unsigned long long>(wantedOf(device, "memory", 1LL << 30) /
                                                  State::get().partsOf(behind(device)));
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

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char* name, unsigned int length) {
  ENTER("nvmlDeviceGetName");
  const std::string text = State::get().script.textOf(cardOf(device), "name", "Fake GPU");
  std::snprintf(name, length, "%s", text.c_str());
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device,
                                             nvmlProcessUtilizationSample_t* samples,
                                             unsigned int* count, unsigned long long lastSeen) {
  SENSOR("nvmlDeviceGetProcessUtilization");
  if (wanted("byprocess", 0) == 0) return NVML_ERROR_NOT_SUPPORTED;
  const auto now =
      static_cast<unsigned long long>(std::chrono::duration_cast<std::chrono::microseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
  const std::vector<unsigned int> pids = runningProcesses();
  const unsigned int percent = utilisationOf(device);
  // Like NVML, it has a sample a sixth of a second, of processes with work only.
  if (pids.empty() || percent == 0 || now - lastSeen < 160'000) return NVML_ERROR_NOT_FOUND;
  const unsigned int room = *count;
  *count = static_cast<unsigned int>(pids.size());
  if (room < *count) return NVML_ERROR_INSUFFICIENT_SIZE;
  const unsigned int part = percent / *count;
  for (unsigned int i = 0; i < *count; ++i) samples[i] = {pids[i], now, part, 0, 0, 0};
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int* now, unsigned int* pending) {
  SENSOR("nvmlDeviceGetMigMode");
  *now = *pending = State::get().instancesOf(cardOf(device)) ? NVML_FEATURE_ENABLED : 0;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCount(unsigned int* count) {
  ENTER("nvmlDeviceGetCount");
  *count = static_cast<unsigned int>(cardCount());
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned int index, nvmlDevice_t* device) {
  ENTER("nvmlDeviceGetHandleByIndex");
  if (index >= static_cast<unsigned int>(cardCount())) return kInvalidArgument;
  *device = handleOf({static_cast<int>(index)});
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char* uuid, unsigned int length) {
  ENTER("nvmlDeviceGetUUID");
  std::snprintf(uuid, length, "%s", State::uuidOf(behind(device)).c_str());
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPciInfo(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  ENTER("nvmlDeviceGetPciInfo");
  *pci = pciOfCard(cardOf(device));
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t one, nvmlDevice_t other,
                                                 nvmlGpuTopologyLevel_t* level) {
  SENSOR("nvmlDeviceGetTopologyCommonAncestor");
  const auto said = ofPair("topology", cardOf(one), cardOf(other));
  *level = nvmlGpuTopologyLevel_t(said.value_or(wanted("topology", NVML_TOPOLOGY_SYSTEM)));
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t one, nvmlDevice_t other, nvmlGpuP2PCapsIndex_t,
                                    nvmlGpuP2PStatus_t* peers) {
  SENSOR("nvmlDeviceGetP2PStatus");
  const bool linked = wanted("nvlinks", 0) > 0 || ofPair("nvlinks", cardOf(one), cardOf(other));
  *peers = linked ? NVML_P2P_STATUS_OK : NVML_P2P_STATUS_NOT_SUPPORTED;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned int link,
                                      nvmlEnableState_t* state) {
  SENSOR("nvmlDeviceGetNvLinkState");
  const std::size_t links = nvlinksOf(cardOf(device)).size();
  *state = link < links ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED;
  return links == 0 ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo(nvmlDevice_t device, unsigned int link,
                                              nvmlPciInfo_t* pci) {
  SENSOR("nvmlDeviceGetNvLinkRemotePciInfo");
  const std::vector<LinkEnd> links = nvlinksOf(cardOf(device));
  if (link >= links.size()) return kInvalidArgument;
  // Switches are on busses of their own.
  *pci = links[link].card ? pciOfCard(*links[link].card) : pciOf(0xc0 + link);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned int* count) {
  ENTER("nvmlDeviceGetMaxMigDeviceCount");
  *count = State::get().instancesOf(cardOf(device)) ? kMostInstances : 0;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned int index,
                                                 nvmlDevice_t* instance) {
  ENTER("nvmlDeviceGetMigDeviceHandleByIndex");
  const int card = cardOf(device);
  if (static_cast<int>(index) >= State::get().instancesOf(card).value_or(0))
    return NVML_ERROR_NOT_FOUND;
  *instance = handleOf({card, static_cast<int>(index)});
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetDeviceHandleFromMigDeviceHandle(nvmlDevice_t instance,
                                                          nvmlDevice_t* device) {
  ENTER("nvmlDeviceGetDeviceHandleFromMigDeviceHandle");
  if (!isInstance(instance)) return kInvalidArgument;
  *device = handleOf({cardOf(instance)});
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetGpuInstanceId(nvmlDevice_t instance, unsigned int* id) {
  ENTER("nvmlDeviceGetGpuInstanceId");
  if (!isInstance(instance)) return kInvalidArgument;
  // The driver counts them from the place on the card, not from 0.
  *id = 7 + static_cast<unsigned int>(*behind(instance).instance);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetComputeInstanceId(nvmlDevice_t instance, unsigned int* id) {
  ENTER("nvmlDeviceGetComputeInstanceId");
  if (!isInstance(instance)) return kInvalidArgument;
  *id = 0;
  return NVML_SUCCESS;
}

}  // namespace mpsbench::cuda
