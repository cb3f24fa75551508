#pragma once

#import <Foundation/Foundation.h>

#include <cstdint>
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

/** `1.5 MB`, `12.0 GB`: powers of 1000. */
std::string sizeText(std::uint64_t bytes);

}  // namespace mpsbench::metal
