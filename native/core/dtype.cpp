#include "core/dtype.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace mpsbench {

const char* name(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return "f16";
    case DType::bf16:
      return "bf16";
    case DType::f64:
      return "f64";
    case DType::f32:
      break;
  }
  return "f32";
}

std::optional<DType> parseDType(std::string_view text) {
  for (const DType dtype : kDTypes) {
    if (text == name(dtype)) return dtype;
  }
  return std::nullopt;
}

std::size_t sizeOf(DType dtype) {
  return dispatch(dtype, []<class T>() { return sizeof(T); });
}

std::size_t length(const HostView& values) {
  return std::visit([](auto span) { return span.size(); }, values);
}

std::size_t length(const HostSpan& values) {
  return std::visit([](auto span) { return span.size(); }, values);
}

void encode(const HostView& values, DType dtype, void* storage) {
  std::visit(
      [&]<class Host>(std::span<const Host> from) {
        dispatch(dtype, [&]<class T>() {
          if constexpr (std::is_same_v<T, Host>) {
            if (!from.empty()) std::memcpy(storage, from.data(), from.size_bytes());
          } else {
            std::transform(from.begin(), from.end(), static_cast<T*>(storage),
                           [](Host value) { return static_cast<T>(value); });
          }
        });
      },
      values);
}

void decode(const void* storage, DType dtype, const HostSpan& values) {
  std::visit(
      [&]<class Host>(std::span<Host> to) {
        dispatch(dtype, [&]<class T>() {
          const auto* from = static_cast<const T*>(storage);
          if constexpr (std::is_same_v<T, Host>) {
            if (!to.empty()) std::memcpy(to.data(), from, to.size_bytes());
          } else {
            std::transform(from, from + to.size(), to.begin(),
                           [](T value) { return static_cast<Host>(value); });
          }
        });
      },
      values);
}

}  // namespace mpsbench
