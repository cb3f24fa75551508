#pragma once

// The test double's part of Apple's header of this name.
#include <CoreFoundation/CoreFoundation.h>
#include <stdint.h>

typedef unsigned int mach_port_t;
typedef int kern_return_t;
typedef mach_port_t io_object_t;
typedef io_object_t io_service_t;
typedef io_object_t io_registry_entry_t;
typedef io_object_t io_iterator_t;
typedef uint32_t IOOptionBits;
typedef char io_name_t[128];
typedef char io_string_t[512];

#define kIOServicePlane "IOService"

#define KERN_SUCCESS 0
#define IO_OBJECT_NULL ((io_object_t)0)
#define MACH_PORT_NULL 0

extern "C" {
extern const mach_port_t kIOMainPortDefault;

CFMutableDictionaryRef IORegistryEntryIDMatching(uint64_t entryID);
io_service_t IOServiceGetMatchingService(mach_port_t mainPort, CFDictionaryRef matching);
io_registry_entry_t IORegistryEntryFromPath(mach_port_t mainPort, const io_string_t path);
CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t entry, CFStringRef key,
                                          CFAllocatorRef allocator, IOOptionBits options);
kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t entry, const io_name_t plane,
                                              io_iterator_t* iterator);
io_object_t IOIteratorNext(io_iterator_t iterator);
kern_return_t IOObjectGetClass(io_object_t object, io_name_t className);
kern_return_t IOObjectRelease(io_object_t object);
}
