#pragma once

#include <string>
#include <vector>

#include "backends/cuda/driver/programs.h"
#include "core/patterns/conv_pool_dense.h"

namespace mpsbench::cuda {

/** The type and the shapes, as options of the compiler. */
inline std::vector<std::string> shapeMacros(const ConvPoolDense& net) {
  std::vector<std::string> all = {std::string("-DTYPE=") + cudaType(net.dtype)};
  for (const auto& [key, value] : net.macros()) {
    all.push_back(std::string("-D") + key + "=" + std::to_string(value));
  }
  return all;
}

}  // namespace mpsbench::cuda
