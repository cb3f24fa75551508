#include "double/live_object.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "double/live_count.h"
#include "double/rules.h"

#import <objc/runtime.h>

/** What a released object becomes. It answers to nothing. */
__attribute__((objc_root_class))
@interface MetalDoubleZombie {
  Class isa;
}
@end

namespace {

/** Released objects whose memory is kept, so that a late message is recognised. */
constexpr std::size_t kQuarantine = 4096;

struct Census {
  std::mutex mutex;
  std::map<std::string, long> live;
  std::unordered_map<const void*, std::string> released;
  std::deque<id> quarantine;
};

void writeAtExit() {
  const char* file = std::getenv("MPSBENCH_METAL_DOUBLE_LIVE");
  if (file == nullptr) return;
  if (std::FILE* out = std::fopen(file, "a")) {
    std::fprintf(out, "metal (double): alive at exit: %s\n", metal_double::describeLive().c_str());
    std::fclose(out);
  }
}

Census& census() {
  static Census& all = *[] {
    std::atexit(writeAtExit);
    return new Census;  // never destroyed: objects may be released at exit
  }();
  return all;
}

}  // namespace

@implementation MetalDoubleZombie
+ (void)initialize {
}

- (NSMethodSignature*)methodSignatureForSelector:(SEL)selector {
  std::string was;
  {
    const std::lock_guard lock(census().mutex);
    was = census().released[(const void*)self];
  }
  metal_double::violate(
      metal_double::Rule::aliveObject,
      std::string("-") + sel_getName(selector) + " was sent to a released " + was + ".");
}

- (void)forwardInvocation:(NSInvocation*)invocation {
  [self methodSignatureForSelector:[invocation selector]];
}
@end

@implementation MetalDoubleObject
+ (instancetype)allocWithZone:(NSZone*)zone {
  id made = [super allocWithZone:zone];
  const std::lock_guard lock(census().mutex);
  ++census().live[class_getName(self)];
  return made;
}

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wobjc-missing-super-calls"
- (void)dealloc {
  const std::string name = object_getClassName(self);
  id oldest = nil;
  {
    const std::lock_guard lock(census().mutex);
    --census().live[name];
    census().released[(const void*)self] = name;
    census().quarantine.push_back(self);
    if (census().quarantine.size() > kQuarantine) {
      oldest = census().quarantine.front();
      census().quarantine.pop_front();
      census().released.erase((const void*)oldest);
    }
  }
  object_setClass(self, objc_getClass("MetalDoubleZombie"));
  if (oldest != nil) NSDeallocateObject(oldest);
}
#pragma clang diagnostic pop
@end

namespace metal_double {

std::size_t liveObjects() {
  const std::lock_guard lock(census().mutex);
  long total = 0;
  for (const auto& [name, count] : census().live) total += count;
  return static_cast<std::size_t>(total);
}

std::string describeLive() {
  const std::lock_guard lock(census().mutex);
  std::string text;
  for (const auto& [name, count] : census().live) {
    if (count != 0) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  return text.empty() ? "nothing" : text;
}

void countReference(const char* kind, int by) {
  const std::lock_guard lock(census().mutex);
  census().live[kind] += by;
}

void requireNonNull(bool given, const char* what) {
  require(given, Rule::argument, std::string(what) + " is nil.");
}

}  // namespace metal_double
