#pragma once

#include <memory>

#include "backends/cuda/driver/context.h"
#include "backends/cuda/driver/libraries.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/**
 * The GPU of this number among those that CUDA_VISIBLE_DEVICES leaves.
 * @throws Error where the driver does not describe it
 */
std::shared_ptr<Device> openDevice(std::shared_ptr<const Libraries> libraries, int index,
                                   const BackendOptions& options);

/** The context of that GPU. @param tf32 honoured only if the GPU has TF32 @throws Error */
std::shared_ptr<Context> openContext(std::shared_ptr<const Libraries> libraries, int index,
                                     bool tf32);

}  // namespace mpsbench::cuda
