#pragma once

// Force-included before every Objective-C++ source of this build: makes GNUstep over GCC's runtime
// read as Apple's Foundation does, for the part that the backend uses.
#import <Foundation/Foundation.h>

#include <Block.h>
#include <stdint.h>

#undef nil
#define nil nullptr
#undef YES
#undef NO
#define YES __objc_yes
#define NO __objc_no

/** The SDK that the double stands for: 14.0, the first one with MPSDataTypeBFloat16. */
#define __MAC_OS_X_VERSION_MAX_ALLOWED 140000

typedef NSString* NSErrorDomain;

typedef struct {
  NSInteger majorVersion;
  NSInteger minorVersion;
  NSInteger patchVersion;
} NSOperatingSystemVersion;

/** GNUstep 1.28 has no such property; the answer is that of the scenario. */
@interface NSProcessInfo (MetalDouble)
@property(readonly) NSOperatingSystemVersion operatingSystemVersion;
@end

/** Whether the macOS that the scenario plays is this one or newer: "macOS 14.0, *". */
extern "C" bool metalDoubleAvailable(const char* platforms);

// On Linux clang takes every `@available` for true. This makes `if (@available(macOS 14.0, *))` ask
// the scenario: it becomes `if (@(...).boolValue)`.
#define available(...) (metalDoubleAvailable(#__VA_ARGS__)).boolValue
