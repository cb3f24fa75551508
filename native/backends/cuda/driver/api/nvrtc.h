#pragma once

#include <cstddef>

/** The part of NVRTC (CUDA C++ compiled at run time) in use, as in NVIDIA's nvrtc.h. */
namespace mpsbench::cuda {

using nvrtcProgram = struct _nvrtcProgram*;

enum nvrtcResult : int {
  NVRTC_SUCCESS = 0,
  NVRTC_ERROR_OUT_OF_MEMORY = 1,
  NVRTC_ERROR_INVALID_OPTION = 5,
  NVRTC_ERROR_COMPILATION = 6,
};

}  // namespace mpsbench::cuda
