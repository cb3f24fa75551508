#include "core/size_text.h"

#include <cstdio>

namespace mpsbench {

std::string sizeText(std::uint64_t bytes) {
  constexpr double kStep = 1024;
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double value = static_cast<double>(bytes) / kStep;
  const char* unit = "KiB";
  for (const char* larger : {"MiB", "GiB", "TiB"}) {
    if (value < kStep) break;
    value /= kStep;
    unit = larger;
  }
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, value < 100 ? "%.3g %s" : "%.0f %s", value, unit);
  return buffer;
}

}  // namespace mpsbench
