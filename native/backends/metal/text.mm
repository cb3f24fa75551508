#include "backends/metal/text.h"

#include <cstdio>

namespace mpsbench::metal {

std::string sizeText(std::uint64_t bytes) {
  const double value = static_cast<double>(bytes);
  char buffer[32];
  if (value < 1e9) {
    std::snprintf(buffer, sizeof buffer, "%.1f MB", value / 1e6);
  } else {
    std::snprintf(buffer, sizeof buffer, "%.1f GB", value / 1e9);
  }
  return buffer;
}

}  // namespace mpsbench::metal
