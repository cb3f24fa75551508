#pragma once

#import <Foundation/Foundation.h>

#include <utility>

namespace mpsbench::metal {

/**
 * Owns one reference to an Objective-C object, in manual reference counting. `T` is the object
 * pointer type: `Owned<id<MTLBuffer>>`, `Owned<MPSGraph*>`.
 */
template <class T>
class Owned {
 public:
  Owned() = default;
  /** Takes over the reference that alloc, new, copy or a Copy function gave. */
  static Owned adopt(T object) { return Owned(object); }
  /** Takes a reference of its own to an autoreleased or borrowed object. */
  static Owned retain(T object) { return Owned([object retain]); }

  ~Owned() { [object_ release]; }
  Owned(const Owned& other) : object_([other.object_ retain]) {}
  Owned(Owned&& other) noexcept : object_(std::exchange(other.object_, nil)) {}
  Owned& operator=(Owned other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  [[nodiscard]] T get() const { return object_; }
  explicit operator bool() const { return object_ != nil; }

 private:
  explicit Owned(T object) : object_(object) {}

  T object_ = nil;
};

}  // namespace mpsbench::metal
