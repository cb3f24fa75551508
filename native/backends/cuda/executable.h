#pragma once

#include <memory>

#include "backends/cuda/driver/context.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/**
 * Lowers the graph, measures the candidates of each step on the device, and captures the iteration.
 * @throws Error `unsupported`, `out_of_memory` or `device_lost`
 */
std::unique_ptr<Executable> compile(Graph graph, std::shared_ptr<Context> context,
                                    KernelLevel level);

}  // namespace mpsbench::cuda
