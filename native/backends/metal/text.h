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

/** `16 bytes`, `1.5 KiB`, `12 GiB`, as formatBytes of src/report/units.ts. */
std::string sizeText(std::uint64_t bytes);

}  // namespace mpsbench::metal
