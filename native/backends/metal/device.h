#pragma once

#import <Metal/Metal.h>

#include <memory>
#include <vector>

#include "backends/metal/driver/owner.h"
#include "core/backend.h"

namespace mpsbench::metal {

/** Every GPU that Metal offers this process, low-power ones last. In an autorelease pool. */
std::vector<Owned<id<MTLDevice>>> allDevices();

/** `metal:index`. In an autorelease pool. @throws Error where the device cannot be described */
std::shared_ptr<Device> openDevice(Owned<id<MTLDevice>> device, int index,
                                   const BackendOptions& options);

}  // namespace mpsbench::metal
