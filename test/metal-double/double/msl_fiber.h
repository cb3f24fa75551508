#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace metal_double {

/** A stack of its own on which a function runs in turns with the one that resumes it. */
class MslFiber {
 public:
  /** `body` is called again and again, each time that it has returned and the fiber is resumed. */
  explicit MslFiber(void (*body)());
  ~MslFiber();
  MslFiber(const MslFiber&) = delete;
  MslFiber& operator=(const MslFiber&) = delete;

  /** Runs it until it pauses or its body returns. */
  void resume();
  /** Within the body: back to who resumed it. */
  void pause();
  /** Whether the address lies on its stack. */
  [[nodiscard]] bool holds(const void* address) const {
    const auto* at = static_cast<const std::byte*>(address);
    return at >= stack_ && at < stack_ + bytes_;
  }

 private:
  [[noreturn]] static void loop();

  void (*body_)();
  std::byte* stack_ = nullptr;
  std::size_t bytes_ = 0;
  void* own_ = nullptr;
  void* resumer_ = nullptr;
};

}  // namespace metal_double
