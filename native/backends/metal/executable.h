#pragma once

#import <Metal/Metal.h>

#include <memory>

#include "core/backend.h"

namespace mpsbench::metal {

/** @throws Error `unsupported`, `out_of_memory`, `device_lost` */
std::unique_ptr<Executable> compile(Graph graph, id<MTLDevice> device);

}  // namespace mpsbench::metal
