#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace mpsbench {

/** The codes of src/errors.ts that native code can raise. */
enum class ErrorCode { usage, unavailable, unsupported, outOfMemory, deviceLost, internal };

/** The code's name as TypeScript spells it. */
constexpr const char* name(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::outOfMemory:
      return "out_of_memory";
    case ErrorCode::deviceLost:
      return "device_lost";
    case ErrorCode::internal:
      break;
  }
  return "internal";
}

/** A failure: a code, a sentence about what happened, and one about what to do (may be empty). */
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, std::string advice = "")
      : std::runtime_error(message), code_(code), advice_(std::move(advice)) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& advice() const noexcept { return advice_; }

 private:
  ErrorCode code_;
  std::string advice_;
};

}  // namespace mpsbench
