#pragma once

#include <memory>

#include "backends/cuda/context.h"
#include "backends/cuda/libraries.h"
#include "core/backend.h"

namespace mpsbench::cuda {

/**
 * The GPU of this number among those that CUDA_VISIBLE_DEVICES leaves.
 * @throws Error where the driver does not describe it
 */
std::shared_ptr<Device> openDevice(std::shared_ptr<const Libraries> libraries, int index,
                                   const BackendOptions& options);

/** The context of that GPU. @param tf32 taken only where the GPU has TF32 @throws Error */
std::shared_ptr<Context> openContext(std::shared_ptr<const Libraries> libraries, int index,
                                     bool tf32);

}  // namespace mpsbench::cuda
