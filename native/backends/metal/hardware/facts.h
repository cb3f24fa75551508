#pragma once

#import <Metal/Metal.h>

#include "core/backend.h"

namespace mpsbench::metal {

/** What Metal and the I/O registry say of the device; called in an autorelease pool. */
DeviceInfo describe(id<MTLDevice> device, int index);

}  // namespace mpsbench::metal
