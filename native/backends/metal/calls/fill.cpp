#include "backends/metal/calls/fill.h"

#include <algorithm>

#include "core/ceil_divide.h"

namespace mpsbench::metal {

KernelCall fillCall(DType dtype, std::size_t count, std::uint32_t seed) {
  constexpr std::size_t kThreads = 256;
  constexpr std::size_t kMostGroups = 4096;
  KernelCall call{"fill.metal", {{"TYPE", metalType(dtype)}}, "fill"};
  call.shape.threads[0] = kThreads;
  call.shape.groups[0] = std::min(ceilDivide(count, kThreads), kMostGroups);
  call.setValue(1, static_cast<std::uint64_t>(count));
  call.setValue(2, seed);
  return call;
}

}  // namespace mpsbench::metal
