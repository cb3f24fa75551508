#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "backends/metal/driver/kernel_call.h"
#include "core/patterns/conv_pool_dense.h"

namespace mpsbench::metal {

/** One way to run the network, in one or two dispatches. */
struct NetworkCalls {
  /** Buffers: x, filters, their bias, packed dense weights; then their bias and y, or the slices
   * where `finish` follows. */
  KernelCall network;
  /** Buffers: slices, the bias of the dense layer, y. */
  std::optional<KernelCall> finish = {};
  std::size_t sliceBytes = 0;
};

/**
 * Every way to spread conv_pool_dense.metal and conv_pool_slices.metal over the network with this
 * much threadgroup memory; none where they cannot take the sizes.
 */
std::vector<NetworkCalls> networkCalls(const ConvPoolDense& net, std::size_t groupMemoryBytes);

/** Brings the dense weights into the order of every network call. Buffers: weights, packed weights.
 */
KernelCall packCall(const ConvPoolDense& net);

/** Bytes of the packed weights. */
std::size_t packedBytes(const ConvPoolDense& net);

}  // namespace mpsbench::metal
