#pragma once

#import <Foundation/Foundation.h>

#include <string>

/** Strings across the two languages. */
namespace mpsbench::metal {

inline std::string text(NSString* string) {
  const char* utf8 = [string UTF8String];
  return utf8 == nullptr ? std::string() : std::string(utf8);
}

/** Autoreleased. */
inline NSString* nsString(const std::string& string) {
  return [NSString stringWithUTF8String:string.c_str()];
}

}  // namespace mpsbench::metal
