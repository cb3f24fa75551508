#include "backends/metal/hardware/facts.h"

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <cinttypes>
#include <cstdio>

#include "backends/metal/driver/text.h"
#include "backends/metal/hardware/iokit.h"
#include "backends/metal/ops/dtypes.h"
#include "core/size_text.h"

namespace mpsbench::metal {

namespace {

struct Family {
  /** By number where the constant is younger than SDK 13: MTLGPUFamily of SDK 26. */
  MTLGPUFamily family;
  const char* name;
};

/** Of each row, the first that a device supports is its own. */
constexpr Family kAppleFamilies[] = {{static_cast<MTLGPUFamily>(1010), "Apple10"},
                                     {static_cast<MTLGPUFamily>(1009), "Apple9"},
                                     {MTLGPUFamilyApple8, "Apple8"},
                                     {MTLGPUFamilyApple7, "Apple7"},
                                     {static_cast<MTLGPUFamily>(1006), "Apple6"},
                                     {static_cast<MTLGPUFamily>(1005), "Apple5"}};
constexpr Family kMacFamilies[] = {{MTLGPUFamilyMac2, "Mac2"}};
constexpr Family kMetalFamilies[] = {{static_cast<MTLGPUFamily>(5002), "Metal4"},
                                     {MTLGPUFamilyMetal3, "Metal3"}};

/** Multiplications with addition of one GPU core in a clock, in f32 and in f16, on Apple7 and
 * Apple8 (github.com/philipturner/metal-benchmarks). For later families it is not sure: Apple9 has
 * other pipelines, Apple10 has matrix units beside them. */
constexpr double kLanesPerCore = 128;
constexpr double kFlopsPerLane = 2;

template <std::size_t Count>
const char* familyIn(const Family (&row)[Count], id<MTLDevice> device) {
  for (const Family& family : row) {
    if ([device supportsFamily:family.family]) return family.name;
  }
  return nullptr;
}

std::string families(id<MTLDevice> device) {
  std::string all;
  for (const char* name : {familyIn(kAppleFamilies, device), familyIn(kMacFamilies, device),
                           familyIn(kMetalFamilies, device)}) {
    if (name != nullptr) all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return all;
}

/** `Metal 4`, `Metal 3`, or `Metal 2` before those families. */
std::string api(id<MTLDevice> device) {
  const char* family = familyIn(kMetalFamilies, device);
  return family == nullptr ? "Metal 2" : std::string("Metal ") + family[sizeof "Metal" - 1];
}

/** A virtual machine's GPU: it passes work on to that of its host. */
bool isParavirtual(const std::string& name, const std::optional<std::string>& driver) {
  return name.find("Paravirtual") != std::string::npos ||
         (driver && driver->find("Paravirt") != std::string::npos);
}

std::optional<std::string> vendor(const std::string& name) {
  for (const char* known : {"Apple", "AMD", "Intel", "NVIDIA"}) {
    if (name.starts_with(known)) return known;
  }
  return std::nullopt;
}

const char* location(MTLDeviceLocation location) {
  switch (location) {
    case MTLDeviceLocationBuiltIn:
      return "built in";
    case MTLDeviceLocationSlot:
      return "slot";
    case MTLDeviceLocationExternal:
      return "external";
    case MTLDeviceLocationUnspecified:
      break;
  }
  return nullptr;
}

/** Only where the registry gives both facts, and only for chips whose arithmetic is known. */
std::optional<Peak> peakOf(id<MTLDevice> device, std::optional<int> cores,
                           std::optional<double> clockMHz) {
  const bool known = [device supportsFamily:MTLGPUFamilyApple7] &&
                     ![device supportsFamily:kAppleFamilies[1].family];
  if (!known || !cores || !clockMHz) return std::nullopt;
  const double gflops = *cores * kLanesPerCore * kFlopsPerLane * *clockMHz / 1000;
  Peak peak;
  peak.gflops = {{DType::f32, gflops}, {DType::f16, gflops}};
  char clock[32];
  std::snprintf(clock, sizeof clock, "%.0f", *clockMHz);
  peak.source = std::to_string(*cores) + " GPU cores at " + clock +
                " MHz (I/O registry), 128 lanes each (philipturner/metal-benchmarks)";
  return peak;
}

}  // namespace

DeviceInfo describe(id<MTLDevice> device, int index) {
  const Accelerator accelerator([device registryID]);
  const auto driver = accelerator.className();
  const auto model = accelerator.model();
  const auto cores = accelerator.cores();
  const bool unified = [device hasUnifiedMemory];

  DeviceInfo info;
  info.index = index;
  info.name = text([device name]);
  info.kind = unified ? DeviceKind::integrated : DeviceKind::gpu;
  info.vendor = vendor(info.name);
  info.driver = driver;
  info.api = api(device) + " via MPSGraph";
  if (const std::uint64_t limit = [device recommendedMaxWorkingSetSize]; limit > 0) {
    info.memoryBytes = limit;
  }
  info.maxBufferBytes = [device maxBufferLength];
  info.dtypes = supportedDTypes(device);
  info.deviceClock = DeviceClock{"GPU times of the command buffers", std::nullopt};

  // A virtual machine sees neither its host's clock nor all of its cores.
  const bool paravirtual = isParavirtual(info.name, driver);
  const auto clocks = cores && !paravirtual ? appleGpuClocksMHz() : std::vector<double>();
  const auto clockMHz = clocks.empty() ? std::optional<double>() : clocks.back();
  if (!paravirtual) info.peak = peakOf(device, cores, clockMHz);

  info.gpuCores = cores;
  info.gpuFamily = families(device);
  auto& details = info.details;
  if (model && *model != info.name) details.emplace_back("chip", *model);
  if (clockMHz) details.emplace_back("top clock (MHz)", *clockMHz);
  details.emplace_back("unified memory", unified);
  details.emplace_back("recommended working set", sizeText([device recommendedMaxWorkingSetSize]));
  details.emplace_back("allocated now", sizeText([device currentAllocatedSize]));
  if (const char* where = location([device location])) details.emplace_back("location", where);
  details.emplace_back("low power", static_cast<bool>([device isLowPower]));
  details.emplace_back("removable", static_cast<bool>([device isRemovable]));
  details.emplace_back("headless", static_cast<bool>([device isHeadless]));
  details.emplace_back("MPS", static_cast<bool>(MPSSupportsMTLDevice(device)));
  details.emplace_back("paravirtual", paravirtual);
  char registry[32];
  std::snprintf(registry, sizeof registry, "0x%" PRIx64, [device registryID]);
  details.emplace_back("registry id", registry);
  return info;
}

}  // namespace mpsbench::metal
