#pragma once

#import <Metal/Metal.h>

#include <memory>

#include "backends/metal/driver/programs.h"
#include "backends/metal/lowering.h"
#include "core/backend.h"

namespace mpsbench::metal {

/**
 * Lowers the graph, and measures its candidates on the device where there are several.
 * @throws Error `unsupported`, `out_of_memory`, `device_lost`
 */
std::unique_ptr<Executable> compile(Graph graph, id<MTLDevice> device,
                                    std::shared_ptr<Programs> programs, const Facts& facts,
                                    KernelLevel level);

}  // namespace mpsbench::metal
