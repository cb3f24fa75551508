#pragma once

#import <Metal/Metal.h>

#include <memory>

#include "core/monitor.h"

namespace mpsbench::metal {

/** The sensors of a GPU, which is not held: only its entry in the I/O registry is read. */
std::shared_ptr<Monitor> openMonitor(id<MTLDevice> device, int index);

}  // namespace mpsbench::metal
