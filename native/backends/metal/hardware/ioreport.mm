#include "backends/metal/hardware/ioreport.h"

#import <CoreFoundation/CoreFoundation.h>

#include <optional>
#include <utility>

#include "backends/metal/driver/text.h"
#include "core/dynamic_library.h"

/** Part of the dyld cache: there is no file of this name, but the loader knows it. */
#ifndef MPSBENCH_IOREPORT_LIBRARY
#define MPSBENCH_IOREPORT_LIBRARY "/usr/lib/libIOReport.dylib"
#endif

namespace mpsbench::metal {

namespace {

// As macmon (MIT) and zeus-apple-silicon (Apache-2.0) declare them; Apple has no header for them.
using CopyChannelsInGroup = CFMutableDictionaryRef(CFStringRef, CFStringRef, std::uint64_t,
                                                   std::uint64_t, std::uint64_t);
using MergeChannels = void(CFMutableDictionaryRef, CFMutableDictionaryRef, CFTypeRef);
using CreateSubscription = CFTypeRef(void*, CFMutableDictionaryRef, CFMutableDictionaryRef*,
                                     std::uint64_t, CFTypeRef);
using CreateSamples = CFDictionaryRef(CFTypeRef, CFMutableDictionaryRef, CFTypeRef);
using CreateSamplesDelta = CFDictionaryRef(CFDictionaryRef, CFDictionaryRef, CFTypeRef);
using ChannelText = CFStringRef(CFDictionaryRef);
using SimpleValue = std::int64_t(CFDictionaryRef, std::int32_t);
using StateCount = std::int32_t(CFDictionaryRef);
using StateName = CFStringRef(CFDictionaryRef, std::int32_t);
using StateResidency = std::int64_t(CFDictionaryRef, std::int32_t);

constexpr NSString* kEnergyGroup = @"Energy Model";
constexpr NSString* kGpuGroup = @"GPU Stats";
constexpr NSString* kGpuStates = @"GPU Performance States";

struct Unit {
  double joules;
  /** Seen on several Macs: counters in nJ move at each read, those in mJ about once a second. */
  double periodS;
};

/** Labels are padded with spaces on some Macs. */
std::optional<Unit> unitOf(const std::string& label) {
  if (label.starts_with("mJ")) return Unit{1e-3, 1};
  if (label.starts_with("uJ")) return Unit{1e-6, 0.12};
  if (label.starts_with("nJ")) return Unit{1e-9, 0.12};
  return std::nullopt;
}

/** The functions; all of them are there or `open` gives nothing. */
struct Functions {
  CopyChannelsInGroup* copyChannelsInGroup;
  MergeChannels* mergeChannels;
  CreateSubscription* createSubscription;
  CreateSamples* createSamples;
  CreateSamplesDelta* createSamplesDelta;
  ChannelText* group;
  ChannelText* name;
  ChannelText* unit;
  SimpleValue* simpleValue;
  StateCount* stateCount;
  StateName* stateName;
  StateResidency* stateResidency;

  explicit Functions(const DynamicLibrary& library)
      : copyChannelsInGroup(library.require<CopyChannelsInGroup>("IOReportCopyChannelsInGroup")),
        mergeChannels(library.require<MergeChannels>("IOReportMergeChannels")),
        createSubscription(library.require<CreateSubscription>("IOReportCreateSubscription")),
        createSamples(library.require<CreateSamples>("IOReportCreateSamples")),
        createSamplesDelta(library.require<CreateSamplesDelta>("IOReportCreateSamplesDelta")),
        group(library.require<ChannelText>("IOReportChannelGetGroup")),
        name(library.require<ChannelText>("IOReportChannelGetChannelName")),
        unit(library.require<ChannelText>("IOReportChannelGetUnitLabel")),
        simpleValue(library.require<SimpleValue>("IOReportSimpleGetIntegerValue")),
        stateCount(library.require<StateCount>("IOReportStateGetCount")),
        stateName(library.require<StateName>("IOReportStateGetNameForIndex")),
        stateResidency(library.require<StateResidency>("IOReportStateGetResidency")) {}
};

bool isIdle(const std::string& state) {
  return state == "OFF" || state == "IDLE" || state == "DOWN";
}

class Subscribed final : public IOReport {
 public:
  /** @param channels a reference of its own */
  Subscribed(const Functions& functions, Owned<id> channels)
      : call_(functions), channels_(std::move(channels)) {
    // Who owns `subscribed_` is not documented: it is kept for as long as the process lives.
    subscription_ = Owned<id>::adopt((id)call_.createSubscription(
        nullptr, (CFMutableDictionaryRef)channels_.get(), &subscribed_, 0, nullptr));
  }

  [[nodiscard]] bool isOpen() const { return subscription_ && subscribed_ != nullptr; }

  CounterChanges take() override {
    auto sample = Owned<id>::adopt(
        (id)call_.createSamples((CFTypeRef)subscription_.get(), subscribed_, nullptr));
    if (!sample) return {};
    const auto before = std::exchange(last_, sample);
    if (!before) return {};
    const auto delta = Owned<id>::adopt((id)call_.createSamplesDelta(
        (CFDictionaryRef)before.get(), (CFDictionaryRef)sample.get(), nullptr));
    if (!delta) return {};
    CounterChanges changes;
    // IOReportIterate walks the same array.
    for (NSDictionary* channel in [(NSDictionary*)delta.get() objectForKey:@"IOReportChannels"]) {
      add((CFDictionaryRef)channel, changes);
    }
    return changes;
  }

 private:
  void add(CFDictionaryRef channel, CounterChanges& changes) const {
    NSString* group = (NSString*)call_.group(channel);
    const std::string name = text((NSString*)call_.name(channel));
    if ([group isEqualToString:kEnergyGroup]) {
      const auto unit = unitOf(text((NSString*)call_.unit(channel)));
      // A counter in another unit is no energy, or one that nobody has seen yet.
      if (!unit) return;
      const auto count = static_cast<double>(call_.simpleValue(channel, 0));
      changes.energy.push_back({name, count * unit->joules, unit->periodS});
    } else if ([group isEqualToString:kGpuGroup] && name.ends_with("GPUPH")) {
      changes.gpus.push_back(residency(channel));
    }
  }

  [[nodiscard]] Residency residency(CFDictionaryRef channel) const {
    Residency spent;
    const std::int32_t states = call_.stateCount(channel);
    for (std::int32_t state = 0; state < states; ++state) {
      const auto time = static_cast<double>(call_.stateResidency(channel, state));
      if (isIdle(text((NSString*)call_.stateName(channel, state)))) {
        spent.idle += time;
      } else {
        spent.active.push_back(time);
      }
    }
    return spent;
  }

  Functions call_;
  Owned<id> channels_;
  Owned<id> subscription_;
  CFMutableDictionaryRef subscribed_ = nullptr;
  Owned<id> last_;
};

}  // namespace

std::unique_ptr<IOReport> IOReport::open() {
  // Never unloaded: Objective-C classes and constants of a library outlive its last use.
  static const auto library = [] {
    std::string reason;
    return DynamicLibrary::open(MPSBENCH_IOREPORT_LIBRARY, reason);
  }();
  if (!library) return nullptr;
  const Functions call(*library);
  const auto channelsIn = [&](NSString* group, NSString* subgroup) {
    return Owned<id>::adopt(
        (id)call.copyChannelsInGroup((CFStringRef)group, (CFStringRef)subgroup, 0, 0, 0));
  };
  const auto energy = channelsIn(kEnergyGroup, nil);
  const auto states = channelsIn(kGpuGroup, kGpuStates);
  if (!energy && !states) return nullptr;
  if (energy && states) {
    call.mergeChannels((CFMutableDictionaryRef)energy.get(), (CFMutableDictionaryRef)states.get(),
                       nullptr);
  }
  auto made = std::make_unique<Subscribed>(call, energy ? energy : states);
  if (!made->isOpen()) return nullptr;
  return made;
}

}  // namespace mpsbench::metal
