#pragma once

#include <vector>

#include "backends/metal/driver/kernel_call.h"
#include "core/graph.h"

namespace mpsbench::metal {

/** Whether elementwise.metal has the op: two equal tensors, relu, the SGD update, or a copy for
 * reshape. */
bool isElementwise(OpKind kind);

/** Every way to spread elementwise.metal over `count` values (below 2^31): y = op(a, b). */
std::vector<KernelCall> elementwiseCalls(const OpSpec& op, DType dtype, std::size_t count);

}  // namespace mpsbench::metal
