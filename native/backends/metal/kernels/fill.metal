#include "prelude.h"

// Uniform values in [-1, 1), by the index and a seed. Macros: TYPE.

/** The mixing of MurmurHash3's end. */
inline uint mixed(uint value) {
  value ^= value >> 16;
  value *= 0x85ebca6bu;
  value ^= value >> 13;
  value *= 0xc2b2ae35u;
  return value ^ (value >> 16);
}

kernel void fill(device TYPE* y [[buffer(0)]], constant ulong& count [[buffer(1)]],
                 constant uint& seed [[buffer(2)]], uint first [[thread_position_in_grid]],
                 uint groups [[threadgroups_per_grid]], uint threads [[threads_per_threadgroup]]) {
  const ulong step = ulong(groups) * threads;
  for (ulong i = first; i < count; i += step) {
    const uint random = mixed(uint(i) ^ mixed(seed + uint(i >> 32)));
    y[i] = store<TYPE>(float(random >> 8) * (2.0f / 16777216.0f) - 1.0f);
  }
}
