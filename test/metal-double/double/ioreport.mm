// The double of libIOReport.dylib: a library of its own, because the backend loads the real one by
// name. Counters follow the clock, so that what is read between two samples is known.
#import <CoreFoundation/CoreFoundation.h>
#import <Foundation/Foundation.h>

#include <chrono>
#include <cmath>

#include "double/scenario.h"

using metal_double::EnergyRail;
using metal_double::IOReportPlay;

namespace {

double seconds() {
  using Clock = std::chrono::steady_clock;
  static const auto start = Clock::now();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

NSString* string(const std::string& text) {
  return [NSString stringWithUTF8String:text.c_str()];
}

double unitJoules(const std::string& unit) {
  if (unit.starts_with("mJ")) return 1e-3;
  return unit.starts_with("uJ") ? 1e-6 : 1e-9;
}

/** When the counter of a rail was last published. */
double publishedAt(const EnergyRail& rail, double now) {
  if (!(rail.periodS > 0)) return now;
  if (!rail.isUneven) return std::floor(now / rail.periodS) * rail.periodS;
  const double pair = std::floor(now / (2 * rail.periodS)) * 2 * rail.periodS;
  const double early = pair + rail.periodS / 5;
  return now < early ? pair : early;
}

/** The counter of a rail at this moment, as it was last published. */
long long counter(const EnergyRail& rail, double now) {
  double published = publishedAt(rail, now);
  const IOReportPlay& played = metal_double::scenario().ioReport;
  // After sleep the counters start again.
  if (played.sleepsAtS > 0 && now > played.sleepsAtS) published -= played.sleepsAtS;
  double joules = published * rail.watts;
  if (played.jumpsAtS > 0 && now > played.jumpsAtS) joules += 1e6;
  return std::llround(joules / unitJoules(rail.unit));
}

NSMutableDictionary* energyChannel(const EnergyRail& rail, double now) {
  return [NSMutableDictionary dictionaryWithDictionary:@{
    @"group" : @"Energy Model",
    @"name" : string(rail.name),
    @"unit" : string(rail.unit),
    @"value" : @(counter(rail, now))
  }];
}

/** Idle for a quarter of the time, the rest at the two highest clocks. */
NSMutableDictionary* gpuChannel(double now) {
  const auto& clocks = metal_double::scenario().gpuClocksHz;
  NSMutableArray* names = [NSMutableArray arrayWithObject:@"OFF"];
  NSMutableArray* times = [NSMutableArray arrayWithObject:@(std::llround(now * 1e6 / 4))];
  for (std::size_t i = 0; i < clocks.size(); ++i) {
    const double share = i + 2 == clocks.size() ? 0.25 : i + 1 == clocks.size() ? 0.5 : 0;
    [names addObject:string("P" + std::to_string(i + 1))];
    [times addObject:@(std::llround(now * 1e6 * share))];
  }
  return [NSMutableDictionary dictionaryWithDictionary:@{
    @"group" : @"GPU Stats",
    @"name" : @"GPUPH",
    @"unit" : @"24Mticks",
    @"states" : names,
    @"times" : times
  }];
}

id property(CFDictionaryRef channel, NSString* key) {
  return [(NSDictionary*)channel objectForKey:key];
}

}  // namespace

#define EXPORT __attribute__((visibility("default")))

extern "C" {

EXPORT CFMutableDictionaryRef IOReportCopyChannelsInGroup(CFStringRef group, CFStringRef, uint64_t,
                                                          uint64_t, uint64_t) {
  if (metal_double::scenario().ioReport.rails.empty()) return nullptr;
  NSMutableDictionary* channels = [[NSMutableDictionary alloc] init];
  [channels setObject:@YES forKey:(NSString*)group];
  return (CFMutableDictionaryRef)channels;
}

EXPORT void IOReportMergeChannels(CFMutableDictionaryRef into, CFMutableDictionaryRef from,
                                  CFTypeRef) {
  [(NSMutableDictionary*)into addEntriesFromDictionary:(NSDictionary*)from];
}

EXPORT CFTypeRef IOReportCreateSubscription(void*, CFMutableDictionaryRef channels,
                                            CFMutableDictionaryRef* subscribed, uint64_t,
                                            CFTypeRef) {
  *subscribed = channels;
  return [[NSObject alloc] init];
}

EXPORT CFDictionaryRef IOReportCreateSamples(CFTypeRef, CFMutableDictionaryRef channels,
                                             CFTypeRef) {
  const double now = seconds();
  NSMutableArray* all = [NSMutableArray array];
  NSDictionary* wanted = (NSDictionary*)channels;
  if ([wanted objectForKey:@"Energy Model"] != nil) {
    for (const EnergyRail& rail : metal_double::scenario().ioReport.rails) {
      [all addObject:energyChannel(rail, now)];
    }
  }
  if ([wanted objectForKey:@"GPU Stats"] != nil) [all addObject:gpuChannel(now)];
  return (
      CFDictionaryRef)[[NSDictionary alloc] initWithObjectsAndKeys:all, @"IOReportChannels", nil];
}

EXPORT CFDictionaryRef IOReportCreateSamplesDelta(CFDictionaryRef before, CFDictionaryRef after,
                                                  CFTypeRef) {
  NSArray* from = property(before, @"IOReportChannels");
  NSArray* to = property(after, @"IOReportChannels");
  NSMutableArray* all = [NSMutableArray array];
  for (NSUInteger i = 0; i < [to count]; ++i) {
    NSDictionary* old = [from objectAtIndex:i];
    NSMutableDictionary* channel =
        [NSMutableDictionary dictionaryWithDictionary:[to objectAtIndex:i]];
    const long long gained = [[channel objectForKey:@"value"] longLongValue] -
                             [[old objectForKey:@"value"] longLongValue];
    [channel setObject:@(gained) forKey:@"value"];
    NSArray* times = [channel objectForKey:@"times"];
    NSMutableArray* spent = [NSMutableArray array];
    for (NSUInteger state = 0; state < [times count]; ++state) {
      [spent addObject:@([[times objectAtIndex:state] longLongValue] -
                         [[[old objectForKey:@"times"] objectAtIndex:state] longLongValue])];
    }
    [channel setObject:spent forKey:@"times"];
    [all addObject:channel];
  }
  return (
      CFDictionaryRef)[[NSDictionary alloc] initWithObjectsAndKeys:all, @"IOReportChannels", nil];
}

EXPORT CFStringRef IOReportChannelGetGroup(CFDictionaryRef channel) {
  return (CFStringRef)property(channel, @"group");
}
EXPORT CFStringRef IOReportChannelGetChannelName(CFDictionaryRef channel) {
  return (CFStringRef)property(channel, @"name");
}
EXPORT CFStringRef IOReportChannelGetUnitLabel(CFDictionaryRef channel) {
  return (CFStringRef)property(channel, @"unit");
}
EXPORT int64_t IOReportSimpleGetIntegerValue(CFDictionaryRef channel, int32_t) {
  return [property(channel, @"value") longLongValue];
}
EXPORT int32_t IOReportStateGetCount(CFDictionaryRef channel) {
  return static_cast<int32_t>([property(channel, @"states") count]);
}
EXPORT CFStringRef IOReportStateGetNameForIndex(CFDictionaryRef channel, int32_t index) {
  return (CFStringRef)[property(channel, @"states") objectAtIndex:static_cast<NSUInteger>(index)];
}
EXPORT int64_t IOReportStateGetResidency(CFDictionaryRef channel, int32_t index) {
  return [[property(channel, @"times") objectAtIndex:static_cast<NSUInteger>(index)] longLongValue];
}
}
