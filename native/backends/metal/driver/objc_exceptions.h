#pragma once

#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace mpsbench::metal {

/** What an NSException said. */
struct Thrown {
  std::string name;
  std::string reason;
};

/** Calls `body(context)` in an autorelease pool; what it raises as an NSException is returned. */
std::optional<Thrown> callCatching(void (*body)(void*), void* context);

/** Turns an NSException that was raised while `doing` into the Error that the caller throws. */
[[noreturn]] void throwThrown(const std::string& doing, const Thrown& thrown);

/**
 * Every way into the frameworks goes through here: an autorelease pool (Node's threads have none),
 * and an NSException becomes an Error instead of the end of the process.
 * @param doing what was attempted, as the middle of a sentence: "compiling the graph"
 * @throws Error what `body` throws, and for an NSException `out_of_memory` or `internal`
 */
template <class Body>
std::invoke_result_t<Body&> guarded(const std::string& doing, Body&& body) {
  using Result = std::invoke_result_t<Body&>;
  constexpr bool kVoid = std::is_void_v<Result>;
  std::optional<std::conditional_t<kVoid, bool, Result>> result;
  std::exception_ptr failure;
  // A C++ exception must not cross the frame with the @try. Only std::exception: on macOS a
  // catch-all would take NSExceptions as well.
  auto call = [&] {
    try {
      if constexpr (kVoid) {
        body();
        result.emplace(true);
      } else {
        result.emplace(body());
      }
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
  };
  using Call = decltype(call);
  const auto thrown = callCatching([](void* context) { (*static_cast<Call*>(context))(); }, &call);
  if (thrown) throwThrown(doing, *thrown);
  if (failure) std::rethrow_exception(failure);
  if constexpr (!kVoid) return std::move(*result);
}

}  // namespace mpsbench::metal
