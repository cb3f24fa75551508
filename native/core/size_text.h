#pragma once

#include <cstdint>
#include <string>

namespace mpsbench {

/** `16 bytes`, `1.5 KiB`, `12 GiB`, as formatBytes of src/report/units.ts. */
std::string sizeText(std::uint64_t bytes);

}  // namespace mpsbench
