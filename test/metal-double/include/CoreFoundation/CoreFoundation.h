#pragma once

// The types alone: every object is the Foundation class that Apple bridges it to without cost.
typedef const void* CFTypeRef;
typedef const struct __CFString* CFStringRef;
typedef const struct __CFDictionary* CFDictionaryRef;
typedef struct __CFDictionary* CFMutableDictionaryRef;
typedef const struct __CFAllocator* CFAllocatorRef;
typedef double CFTimeInterval;

extern "C" const CFAllocatorRef kCFAllocatorDefault;
