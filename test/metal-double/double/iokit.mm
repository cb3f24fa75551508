#import <IOKit/IOKitLib.h>

#include <cstring>
#include <map>
#include <mutex>
#include <optional>

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

/** The references that are held: to an accelerator, or, without a chip, to the power manager. */
struct References {
  std::mutex mutex;
  std::map<io_object_t, const ChipFacts*> held;
  io_object_t next = 0x1103;
};

References& references() {
  static References& all = *new References;
  return all;
}

io_object_t newReference(const ChipFacts* chip) {
  const std::lock_guard lock(references().mutex);
  const io_object_t made = references().next;
  references().next += 4;
  references().held[made] = chip;
  metal_double::countReference("io_object_t", 1);
  return made;
}

const ChipFacts* chipOf(io_object_t object, const char* call) {
  const std::lock_guard lock(references().mutex);
  const auto found = references().held.find(object);
  metal_double::require(found != references().held.end(), Rule::registryReference,
                        std::string(call) + " was given a reference that is not held.");
  return found->second;
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
    if (chip.registryId == entry) return newReference(&chip);
  }
  return IO_OBJECT_NULL;
}

io_registry_entry_t IORegistryEntryFromPath(mach_port_t, const io_string_t path) {
  const bool exists = !metal_double::scenario().gpuClocksHz.empty() &&
                      path == "IODeviceTree:/arm-io/" + metal_double::scenario().powerManager;
  return exists ? newReference(nullptr) : IO_OBJECT_NULL;
}

CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t entry, CFStringRef key,
                                          CFAllocatorRef, IOOptionBits) {
  const ChipFacts* chip = chipOf(entry, "IORegistryEntryCreateCFProperty");
  NSString* name = (NSString*)key;
  id value = chip == nullptr ? powerManagerProperty(name) : acceleratorProperty(*chip, name);
  return (CFTypeRef)[value retain];
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
