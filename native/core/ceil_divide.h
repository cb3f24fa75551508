#pragma once

#include <concepts>
#include <type_traits>

namespace mpsbench {

/** value / by, rounded up; `value` at least 0, `by` at least 1. */
template <std::integral Integer>
constexpr Integer ceilDivide(Integer value, std::type_identity_t<Integer> by) {
  return (value + by - 1) / by;
}

}  // namespace mpsbench
