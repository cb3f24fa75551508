#pragma once

#include "backends/cuda/driver/api/cublaslt.h"
#include "backends/cuda/driver/api/cuda.h"
#include "backends/cuda/driver/api/cudnn.h"
#include "backends/cuda/driver/api/nvml.h"
#include "backends/cuda/driver/api/nvrtc.h"

/**
 * Declares every function of a library of NVIDIA's with exactly the type by which the backend calls
 * it, under the symbol by which the backend finds it. A file of the stand-in defines FAKE_LIBRARY
 * as the .def file of its library, includes this, and defines the functions.
 */
namespace mpsbench::cuda {

extern "C" {
#define FUNCTION(member, symbol, result, parameters) \
  __attribute__((visibility("default"))) result member parameters __asm__(symbol);
#include FAKE_LIBRARY
}

}  // namespace mpsbench::cuda
