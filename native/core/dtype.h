#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "core/half.h"

namespace mpsbench {

/** Element types, as in src/graph/types.ts. */
enum class DType { f32, f16, bf16, f64 };

inline constexpr DType kDTypes[] = {DType::f32, DType::f16, DType::bf16, DType::f64};

const char* name(DType dtype);
std::optional<DType> parseDType(std::string_view text);
std::size_t sizeOf(DType dtype);

/** Calls `visit.template operator()<T>()` with the storage type of `dtype`. */
template <class Visitor>
decltype(auto) dispatch(DType dtype, Visitor&& visit) {
  switch (dtype) {
    case DType::f64:
      return visit.template operator()<double>();
    case DType::f16:
      return visit.template operator()<Float16>();
    case DType::bf16:
      return visit.template operator()<BFloat16>();
    case DType::f32:
      break;
  }
  return visit.template operator()<float>();
}

/** Values as the host holds them: float for f32, f16, bf16, double for f64; both are accepted. */
using HostView = std::variant<std::span<const float>, std::span<const double>>;
using HostSpan = std::variant<std::span<float>, std::span<double>>;

std::size_t length(const HostView& values);
std::size_t length(const HostSpan& values);

/** Writes `values` to `storage`, rounding to nearest even. */
void encode(const HostView& values, DType dtype, void* storage);
/** Reads `storage` into `values`; every value is exact unless f64 is read as float. */
void decode(const void* storage, DType dtype, const HostSpan& values);

}  // namespace mpsbench
