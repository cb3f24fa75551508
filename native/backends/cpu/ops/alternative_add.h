#pragma once

#include <string>

#include "backends/cpu/ops/own_kernel.h"

#if defined(__APPLE__) && defined(MPSBENCH_CBLAS)
#include <Accelerate/Accelerate.h>
#endif

/** A second way to add tensors that no cache holds, to be tried against our own loop. */
namespace mpsbench::cpu {

template <class T>
using Binary = void (*)(const T* a, const T* b, T* y, std::size_t count);

template <class T>
struct AlternativeAdd {
  /** Null if there is none. */
  Binary<T> kernel;
  /** In the placement table. */
  std::string label;
};

/**
 * Streaming stores, which save reading the lines of the result, a quarter of the traffic; yet on
 * some CPUs a few cores get less bandwidth from them than from the cache's own stores. ARM has none
 * of that kind.
 */
template <class T>
AlternativeAdd<T> alternativeAdd() {
  return {kernels<T>().addStreaming, kernelName("streaming add")};
}

#if defined(__APPLE__) && defined(MPSBENCH_CBLAS)
/** Apple knows its own memory: vDSP. It has no sums of bf16. */
template <>
inline AlternativeAdd<float> alternativeAdd<float>() {
  return {[](const float* a, const float* b, float* y, std::size_t count) {
            vDSP_vadd(a, 1, b, 1, y, 1, count);
          },
          "vDSP add (Accelerate)"};
}

template <>
inline AlternativeAdd<double> alternativeAdd<double>() {
  return {[](const double* a, const double* b, double* y, std::size_t count) {
            vDSP_vaddD(a, 1, b, 1, y, 1, count);
          },
          "vDSP add (Accelerate)"};
}
#endif

}  // namespace mpsbench::cpu
