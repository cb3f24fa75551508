#include "backends/metal/hardware/iokit.h"

#import <Foundation/Foundation.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "backends/metal/driver/owner.h"
#include "backends/metal/driver/text.h"

namespace mpsbench::metal {

namespace {

constexpr double kHzPerMHz = 1e6;
/** Outside of these, the bytes are no clock. */
constexpr double kLowestClockMHz = 300;
/** A table of a CPU cluster goes higher. */
constexpr double kHighestClockMHz = 2500;
constexpr double kKHzPerMHz = 1e3;

/** A property as its toll-free Foundation twin, empty where the entry has none of this class. */
template <class T>
Owned<T*> property(const RegistryEntry& entry, NSString* key, Class wanted) {
  if (!entry) return {};
  CFTypeRef value =
      IORegistryEntryCreateCFProperty(entry.get(), (CFStringRef)key, kCFAllocatorDefault, 0);
  auto owned = Owned<id>::adopt((id)value);
  if (![owned.get() isKindOfClass:wanted]) return {};
  return Owned<T*>::retain((T*)owned.get());
}

bool isGpuClock(double megahertz) {
  return megahertz >= kLowestClockMHz && megahertz <= kHighestClockMHz;
}

/**
 * Pairs of little-endian 32-bit numbers, clock and voltage, ascending; both of Apple's
 * architectures are little-endian. Zeros fill the table up. Empty where the clocks are none of a
 * GPU.
 */
std::vector<double> clocksIn(NSData* states) {
  constexpr std::size_t kPair = 2 * sizeof(std::uint32_t);
  const auto* bytes = static_cast<const unsigned char*>([states bytes]);
  std::vector<double> clocks;
  for (std::size_t at = 0; at + kPair <= [states length]; at += kPair) {
    std::uint32_t clock = 0;
    std::memcpy(&clock, bytes + at, sizeof clock);
    if (clock > 0) clocks.push_back(clock);
  }
  if (clocks.empty()) return {};
  // In Hz; the CPU's tables are in kHz since the M4, so take either.
  const double highest = *std::max_element(clocks.begin(), clocks.end());
  const double unit = isGpuClock(highest / kHzPerMHz) ? kHzPerMHz : kKHzPerMHz;
  if (!isGpuClock(highest / unit)) return {};
  for (double& clock : clocks) clock /= unit;
  return clocks;
}

/** `pid 533, WindowServer` */
std::optional<std::uint32_t> creatorPid(const std::string& creator) {
  unsigned pid = 0;
  if (std::sscanf(creator.c_str(), "pid %u,", &pid) != 1) return std::nullopt;
  return pid;
}

/** Nanoseconds of a client: one entry for each interface that it uses. */
std::optional<std::uint64_t> gpuTime(const RegistryEntry& client) {
  const auto usage = property<NSArray>(client, @"AppUsage", [NSArray class]);
  if (!usage) return std::nullopt;
  std::uint64_t total = 0;
  for (id entry in usage.get()) {
    if (![entry isKindOfClass:[NSDictionary class]]) continue;
    id time = [(NSDictionary*)entry objectForKey:@"accumulatedGPUTime"];
    if ([time isKindOfClass:[NSNumber class]]) total += [time unsignedLongLongValue];
  }
  return total;
}

}  // namespace

RegistryEntry::~RegistryEntry() {
  if (entry_ != 0) IOObjectRelease(entry_);
}

Accelerator::Accelerator(std::uint64_t registryId)
    // The lookup consumes the matching dictionary.
    : entry_(
          IOServiceGetMatchingService(kIOMainPortDefault, IORegistryEntryIDMatching(registryId))) {}

std::optional<std::string> Accelerator::className() const {
  io_name_t name = {};
  if (!entry_ || IOObjectGetClass(entry_.get(), name) != KERN_SUCCESS) return std::nullopt;
  return std::string(name);
}

std::optional<std::string> Accelerator::model() const {
  if (const auto string = property<NSString>(entry_, @"model", [NSString class])) {
    return text(string.get());
  }
  // Drivers of PCI devices give bytes that end in a zero.
  if (const auto data = property<NSData>(entry_, @"model", [NSData class])) {
    const auto* bytes = static_cast<const char*>([data.get() bytes]);
    const std::size_t length = [data.get() length];
    return std::string(bytes, std::find(bytes, bytes + length, '\0'));
  }
  return std::nullopt;
}

std::optional<int> Accelerator::cores() const {
  const auto count = property<NSNumber>(entry_, @"gpu-core-count", [NSNumber class]);
  if (!count || [count.get() intValue] < 1) return std::nullopt;
  return [count.get() intValue];
}

std::optional<double> Accelerator::utilisation() const {
  const auto statistics =
      property<NSDictionary>(entry_, @"PerformanceStatistics", [NSDictionary class]);
  if (!statistics) return std::nullopt;
  id percent = [statistics.get() objectForKey:@"Device Utilization %"];
  if (![percent isKindOfClass:[NSNumber class]]) return std::nullopt;
  return std::clamp([percent doubleValue] / 100, 0.0, 1.0);
}

std::optional<std::uint64_t> Accelerator::memoryInUse() const {
  const auto statistics =
      property<NSDictionary>(entry_, @"PerformanceStatistics", [NSDictionary class]);
  if (!statistics) return std::nullopt;
  id bytes = [statistics.get() objectForKey:@"In use system memory"];
  if (![bytes isKindOfClass:[NSNumber class]]) return std::nullopt;
  return [bytes unsignedLongLongValue];
}

std::optional<std::vector<AcceleratorClient>> Accelerator::clients() const {
  io_iterator_t iterator = 0;
  if (!entry_ ||
      IORegistryEntryGetChildIterator(entry_.get(), kIOServicePlane, &iterator) != KERN_SUCCESS) {
    return std::nullopt;
  }
  // Owned like an entry: it is released in the same way.
  const RegistryEntry children(iterator);
  std::vector<AcceleratorClient> found;
  bool isCounted = false;
  for (io_object_t next = IOIteratorNext(iterator); next != 0; next = IOIteratorNext(iterator)) {
    const RegistryEntry child(next);
    const auto creator = property<NSString>(child, @"IOUserClientCreator", [NSString class]);
    const auto pid = creator ? creatorPid(text(creator.get())) : std::nullopt;
    if (!pid) continue;
    const auto time = gpuTime(child);
    isCounted = isCounted || time.has_value();
    found.push_back({*pid, time.value_or(0)});
  }
  if (!isCounted) return std::nullopt;
  return found;
}

std::vector<double> appleGpuClocksMHz() {
  for (const char* path : {"IODeviceTree:/arm-io/pmgr", "IODeviceTree:/arm-io/pmgr-child"}) {
    const RegistryEntry powerManager(IORegistryEntryFromPath(kIOMainPortDefault, path));
    const auto states = property<NSData>(powerManager, @"voltage-states9", [NSData class]);
    if (!states) continue;
    if (auto clocks = clocksIn(states.get()); !clocks.empty()) return clocks;
  }
  return {};
}

}  // namespace mpsbench::metal
