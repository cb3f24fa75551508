#pragma once

#import <Foundation/Foundation.h>

/**
 * The root of the double's classes: counted while it lives, and a zombie after. A message to a
 * zombie ends the process with Rule::aliveObject and the class that the object had.
 */
@interface MetalDoubleObject : NSObject
@end

namespace metal_double {

/** `object`, unless it is nil: then Rule::argument is broken by `what`. */
template <class T>
T nonNull(T object, const char* what);

void requireNonNull(bool given, const char* what);

template <class T>
T nonNull(T object, const char* what) {
  requireNonNull(object != nil, what);
  return object;
}

}  // namespace metal_double
