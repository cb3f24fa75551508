#pragma once

#include <algorithm>
#include <cstdint>

#include "core/ceil_divide.h"

namespace mpsbench::cuda {

/** The most blocks of a grid along y and z. */
constexpr std::int64_t kMostGridY = 65535;

/** Blocks along x for `count` items, `each` a block. */
constexpr unsigned blocksFor(std::int64_t count, std::int64_t each) {
  constexpr std::int64_t kMost = 0x7fffffff;
  return static_cast<unsigned>(std::clamp<std::int64_t>(ceilDivide(count, each), 1, kMost));
}

}  // namespace mpsbench::cuda
