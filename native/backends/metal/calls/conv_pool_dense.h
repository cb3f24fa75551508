#pragma once

#include <cstddef>
#include <vector>

#include "backends/metal/driver/kernel_call.h"
#include "core/patterns/conv_pool_dense.h"

namespace mpsbench::metal {

/**
 * Every way to spread conv_pool_dense.metal over the network with this much threadgroup memory; none where it cannot
 * take the sizes. Buffers: x, filters, their bias, packed dense weights, their bias, y.
 */
std::vector<KernelCall> networkCalls(const ConvPoolDense& net, std::size_t groupMemoryBytes);

/**
 * Brings the dense weights into the order of every network call; compiled with this one. Buffers: weights, packed
 * weights.
 */
KernelCall packCall(const ConvPoolDense& net, const KernelCall& network);

/** Bytes of the packed weights. */
std::size_t packedBytes(const ConvPoolDense& net);

}  // namespace mpsbench::metal
