#pragma once

#include <string>

#include "backends/cuda/driver/api/cuda.h"
#include "core/error.h"

/** Every status of NVIDIA's libraries as an Error with the status's name. */
namespace mpsbench::cuda {

/** How a failed call is reported: `CUDA_ERROR_...: what it means`. */
struct Failure {
  /** The function, for example `cuMemAlloc`. */
  const char* call;
  /** The status's name and meaning, as the library gives them. */
  std::string status;
};

/**
 * The error of a driver call. Statuses after which the context is lost (an illegal address, an
 * uncorrectable memory error) give `device_lost`, a lack of memory `out_of_memory`, a device or
 * driver that cannot be used `unavailable`, anything else `internal`.
 */
Error driverError(CUresult status, const Failure& failure);

/** The error of a driver that does not start: `unavailable`, whatever the status. */
Error startError(CUresult status, const Failure& failure);

}  // namespace mpsbench::cuda
