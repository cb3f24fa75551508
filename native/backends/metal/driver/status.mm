#include "backends/metal/driver/status.h"

#include <string>

#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/driver/text.h"

namespace mpsbench::metal {

namespace {

constexpr const char* kReport = "Please report it with the JSON result.";

/** What each MTLCommandBufferError stands for. */
struct Meaning {
  ErrorCode code;
  const char* message;
  const char* advice;
};

Meaning meaningOf(NSInteger code) {
  switch (static_cast<MTLCommandBufferError>(code)) {
    case MTLCommandBufferErrorNone:
      break;
    case MTLCommandBufferErrorInternal:
      return {ErrorCode::deviceLost, "The Metal driver reported an internal error",
              "Run it again; if it comes back, restart the Mac."};
    case MTLCommandBufferErrorTimeout:
      return {ErrorCode::deviceLost, "The GPU took longer than macOS allows and was stopped",
              "Choose smaller sizes, or close what else uses the GPU."};
    case MTLCommandBufferErrorPageFault:
      return {ErrorCode::internal, "The GPU read or wrote outside of its memory", kReport};
    case MTLCommandBufferErrorAccessRevoked:
      return {ErrorCode::deviceLost,
              "macOS has revoked the access to the GPU after too many timeouts or hangs",
              "Run it again with smaller sizes."};
    case MTLCommandBufferErrorNotPermitted:
      return {ErrorCode::unavailable, "This process may not use the GPU",
              "Run it in the foreground of a user session."};
    case MTLCommandBufferErrorOutOfMemory:
      return {ErrorCode::outOfMemory, "The GPU ran out of memory",
              "Choose smaller sizes, or close what else uses the GPU."};
    case MTLCommandBufferErrorInvalidResource:
      return {ErrorCode::internal, "The GPU was given memory that no longer exists", kReport};
    case MTLCommandBufferErrorMemoryless:
      return {ErrorCode::internal, "The GPU ran out of tile memory", kReport};
    case MTLCommandBufferErrorDeviceRemoved:
      return {ErrorCode::deviceLost, "The GPU was removed",
              "Connect it again, or choose another device with --device."};
    case MTLCommandBufferErrorStackOverflow:
      return {ErrorCode::internal, "A GPU kernel overflowed its stack", kReport};
  }
  return {ErrorCode::deviceLost, "The GPU did not finish its work", kReport};
}

/**
 * What the driver says in words where the code says only that something is wrong: names of
 * kIOGPUCommandBufferCallbackError, the numbers with them.
 */
struct Callback {
  const char* name;
  Meaning meaning;
};

constexpr Callback kCallbacks[] = {
    {"ImpactingInteractivity",
     {ErrorCode::deviceLost, "macOS stopped the work because it held up the display",
      "Choose smaller sizes, use --kernels best (its kernels are cut into short pieces), or "
      "measure "
      "without a display (for example over ssh)."}},
    {"InnocentVictim",
     {ErrorCode::deviceLost, "The GPU was reset because of another program's work",
      "Close what else uses the GPU, and run it again."}},
    {"SubmissionsIgnored",
     {ErrorCode::deviceLost, "macOS ignores this process's GPU work after earlier errors",
      "Run it again with smaller sizes; if it comes back, restart the Mac."}},
    {"BackgroundExecutionNotPermitted",
     {ErrorCode::unavailable, "macOS lets no program in the background use the GPU",
      "Run it in the foreground of a user session."}},
};

}  // namespace

Error commandBufferError(NSError* error) {
  const bool known = [[error domain] isEqualToString:MTLCommandBufferErrorDomain];
  const NSInteger code = known ? [error code] : static_cast<NSInteger>(MTLCommandBufferErrorNone);
  const std::string said = error == nil ? "" : text([error localizedDescription]);
  Meaning meaning = meaningOf(code);
  for (const Callback& callback : kCallbacks) {
    if (said.find(callback.name) != std::string::npos) meaning = callback.meaning;
  }
  std::string message = meaning.message;
  if (!said.empty()) message += " (" + said + ")";
  return Error(meaning.code, message + ".", meaning.advice);
}

void throwThrown(const std::string& doing, const Thrown& thrown) {
  const bool memory = thrown.name == text(NSMallocException);
  throw Error(
      memory ? ErrorCode::outOfMemory : ErrorCode::internal,
      "The Metal frameworks raised " + thrown.name + " while " + doing + ": " + thrown.reason,
      memory ? "Choose smaller sizes." : kReport);
}

}  // namespace mpsbench::metal
