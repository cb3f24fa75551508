#import <IOKit/IOKitLib.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "double/live_count.h"
#include "double/live_object.h"
#include "double/rules.h"
#include "double/scenario.h"

using metal_double::ChipFacts;
using metal_double::Rule;

const mach_port_t kIOMainPortDefault = 0;
const CFAllocatorRef kCFAllocatorDefault = nullptr;

namespace {

NSString* const kEntryIdKey = @"IORegistryEntryID";
constexpr kern_return_t kNotFound = -1;

/** A process on the GPU, of MPSBENCH_METAL_DOUBLE_CLIENTS: its part of the time. */
struct Client {
  unsigned pid;
  double share;
};

/** `PID:SHARE,...`, read anew by each iterator: processes come and go. A file, as `@PATH`. */
std::vector<Client> clientsNow() {
  const char* said = std::getenv("MPSBENCH_METAL_DOUBLE_CLIENTS");
  std::string text = said == nullptr ? "" : said;
  if (text.starts_with('@')) {
    std::ifstream file(text.substr(1));
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::vector<Client> clients;
  std::istringstream entries(text);
  for (std::string entry; std::getline(entries, entry, ',');) {
    Client one{};
    if (std::sscanf(entry.c_str(), "%u:%lf", &one.pid, &one.share) == 2) clients.push_back(one);
  }
  return clients;
}

/** What a reference is to: an accelerator, its clients, one of them, or else the power manager. */
struct Entry {
  const ChipFacts* chip = nullptr;
  std::optional<std::vector<Client>> clients = {};
  std::optional<Client> client = {};
};

struct References {
  std::mutex mutex;
  std::map<io_object_t, Entry> held;
  io_object_t next = 0x1103;
};

References& references() {
  static References& all = *new References;
  return all;
}

io_object_t newReference(Entry entry) {
  const std::lock_guard lock(references().mutex);
  const io_object_t made = references().next;
  references().next += 4;
  references().held[made] = std::move(entry);
  metal_double::countReference("io_object_t", 1);
  return made;
}

Entry& entryOf(io_object_t object, const char* call) {
  const std::lock_guard lock(references().mutex);
  const auto found = references().held.find(object);
  metal_double::require(found != references().held.end(), Rule::registryReference,
                        std::string(call) + " was given a reference that is not held.");
  return found->second;
}

const ChipFacts* chipOf(io_object_t object, const char* call) {
  return entryOf(object, call).chip;
}

NSString* string(const std::string& text) {
  return [NSString stringWithUTF8String:text.c_str()];
}

/** Autoreleased; nil where the entry has no such property. */
id acceleratorProperty(const ChipFacts& chip, NSString* key) {
  if ([key isEqualToString:@"model"]) {
    if (!chip.modelIsData) return string(chip.name);
    return [NSData dataWithBytes:chip.name.c_str() length:chip.name.size() + 1];
  }
  if ([key isEqualToString:@"gpu-core-count"] && chip.cores) return @(*chip.cores);
  if ([key isEqualToString:@"PerformanceStatistics"] && chip.utilisationPercent) {
    return @{@"Device Utilization %" : @(*chip.utilisationPercent)};
  }
  return nil;
}

id powerManagerProperty(NSString* key) {
  if (![key isEqualToString:@"voltage-states9"]) return nil;
  NSMutableData* states = [NSMutableData data];
  for (const std::uint32_t hz : metal_double::scenario().gpuClocksHz) {
    const std::uint32_t pair[2] = {hz, 700};
    [states appendBytes:pair length:sizeof pair];
  }
  return states;
}

id clientProperty(const Client& client, NSString* key) {
  if ([key isEqualToString:@"IOUserClientCreator"]) {
    return string("pid " + std::to_string(client.pid) + ", python3");
  }
  if (![key isEqualToString:@"AppUsage"]) return nil;
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  const auto used = static_cast<unsigned long long>(static_cast<double>(ns) * client.share);
  return @[ @{@"API" : @"Metal", @"accumulatedGPUTime" : @(used)} ];
}

}  // namespace

CFMutableDictionaryRef IORegistryEntryIDMatching(uint64_t entryID) {
  NSMutableDictionary* matching = [[NSMutableDictionary alloc] init];
  [matching setObject:@(entryID) forKey:kEntryIdKey];
  return (CFMutableDictionaryRef)matching;
}

io_service_t IOServiceGetMatchingService(mach_port_t, CFDictionaryRef matching) {
  metal_double::requireNonNull(matching != nullptr, "The matching dictionary");
  NSDictionary* wanted = [(NSDictionary*)matching autorelease];  // consumed, as Apple documents
  const std::uint64_t entry = [[wanted objectForKey:kEntryIdKey] unsignedLongLongValue];
  for (const ChipFacts& chip : metal_double::scenario().chips) {
    if (chip.registryId == entry) return newReference({.chip = &chip});
  }
  return IO_OBJECT_NULL;
}

io_registry_entry_t IORegistryEntryFromPath(mach_port_t, const io_string_t path) {
  const bool exists = !metal_double::scenario().gpuClocksHz.empty() &&
                      path == "IODeviceTree:/arm-io/" + metal_double::scenario().powerManager;
  return exists ? newReference({}) : IO_OBJECT_NULL;
}

CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t entry, CFStringRef key,
                                          CFAllocatorRef, IOOptionBits) {
  const Entry& found = entryOf(entry, "IORegistryEntryCreateCFProperty");
  const ChipFacts* chip = found.chip;
  NSString* name = (NSString*)key;
  if (found.client) return (CFTypeRef)[clientProperty(*found.client, name) retain];
  id value = chip == nullptr ? powerManagerProperty(name) : acceleratorProperty(*chip, name);
  return (CFTypeRef)[value retain];
}

kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t entry, const io_name_t,
                                              io_iterator_t* iterator) {
  entryOf(entry, "IORegistryEntryGetChildIterator");
  *iterator = newReference({.clients = clientsNow()});
  return KERN_SUCCESS;
}

io_object_t IOIteratorNext(io_iterator_t iterator) {
  auto& left = entryOf(iterator, "IOIteratorNext").clients;
  metal_double::require(left.has_value(), Rule::registryReference,
                        "IOIteratorNext was given a reference that is no iterator.");
  if (left->empty()) return IO_OBJECT_NULL;
  const Client next = left->front();
  left->erase(left->begin());
  return newReference({.client = next});
}

kern_return_t IOObjectGetClass(io_object_t object, io_name_t className) {
  const ChipFacts* chip = chipOf(object, "IOObjectGetClass");
  const std::string name = chip == nullptr ? "AppleARMIODevice" : chip->registryClass;
  if (name.size() >= sizeof(io_name_t)) return kNotFound;
  std::memcpy(className, name.c_str(), name.size() + 1);
  return KERN_SUCCESS;
}

kern_return_t IOObjectRelease(io_object_t object) {
  chipOf(object, "IOObjectRelease");
  const std::lock_guard lock(references().mutex);
  references().held.erase(object);
  metal_double::countReference("io_object_t", -1);
  return KERN_SUCCESS;
}

@implementation NSProcessInfo (MetalDouble)
- (NSOperatingSystemVersion)operatingSystemVersion {
  const metal_double::Scenario& played = metal_double::scenario();
  return {played.macosMajor, played.macosMinor, 0};
}
@end

bool metalDoubleAvailable(const char* platforms) {
  int major = 0;
  int minor = 0;
  const int read = std::sscanf(platforms, "macOS %d.%d", &major, &minor);
  metal_double::require(read >= 1, Rule::argument,
                        std::string("@available(") + platforms + ") names no macOS: the version");
  const metal_double::Scenario& played = metal_double::scenario();
  return std::pair(played.macosMajor, played.macosMinor) >= std::pair(major, minor);
}
