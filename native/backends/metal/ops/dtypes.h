#pragma once

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <optional>
#include <string>
#include <vector>

#include "core/dtype.h"

namespace mpsbench::metal {

/** Why MPSGraph cannot compute in this dtype on this device; nothing where it can. */
std::optional<std::string> unsupportedReason(DType dtype, id<MTLDevice> device);

/** Every dtype that the device computes in. */
std::vector<DType> supportedDTypes(id<MTLDevice> device);

/** @throws Error `unsupported` for a dtype that has an `unsupportedReason`. */
MPSDataType mpsDataType(DType dtype);

}  // namespace mpsbench::metal
