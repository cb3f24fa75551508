#pragma once

#include <cstdint>

// __builtin_bit_cast, because the C++ library of Apple's SDK 13 has no std::bit_cast.
namespace mpsbench {

namespace detail {

/**
 * Encodes a double in a 16-bit IEEE-754 format of `kExponentBits` and `kMantissaBits`, rounding to
 * nearest, ties to even, once (never through float). Overflow gives infinity; NaN stays NaN, quiet.
 */
template <int kExponentBits, int kMantissaBits>
constexpr std::uint16_t encode16(double value) {
  constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  constexpr std::uint64_t kInfinity = ((1ULL << kExponentBits) - 1) << kMantissaBits;
  const auto bits = __builtin_bit_cast(std::uint64_t, value);
  const auto sign = static_cast<std::uint16_t>((bits >> 63) << 15);
  const int exponent = static_cast<int>((bits >> 52) & 0x7ff);
  const std::uint64_t mantissa = bits & ((1ULL << 52) - 1);
  if (exponent == 0x7ff) {
    const std::uint64_t quiet = mantissa == 0 ? 0 : 1ULL << (kMantissaBits - 1);
    return static_cast<std::uint16_t>(sign | kInfinity | quiet);
  }
  if (exponent == 0) return sign;  // far below half of the smallest subnormal
  int target = exponent - 1023 + kBias;
  if (target >= (1 << kExponentBits) - 1) return static_cast<std::uint16_t>(sign | kInfinity);
  int shift = 52 - kMantissaBits;
  if (target <= 0) {  // a subnormal: the leading one moves into the mantissa
    shift += 1 - target;
    target = 1;
    if (shift > 53) return sign;
  }
  const std::uint64_t significand = mantissa | (1ULL << 52);
  const std::uint64_t half = 1ULL << (shift - 1);
  const std::uint64_t rest = significand & ((half << 1) - 1);
  std::uint64_t quotient = significand >> shift;
  if (rest > half || (rest == half && (quotient & 1) != 0)) ++quotient;
  // The leading one of a normal number adds the last step of the exponent; a carry does the same.
  const std::uint64_t magnitude =
      (static_cast<std::uint64_t>(target - 1) << kMantissaBits) + quotient;
  return static_cast<std::uint16_t>(sign | magnitude);
}

template <int kExponentBits, int kMantissaBits>
constexpr double decode16(std::uint16_t bits) {
  constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  constexpr std::uint64_t kMaxExponent = (1ULL << kExponentBits) - 1;
  const std::uint64_t sign = static_cast<std::uint64_t>(bits >> 15) << 63;
  const std::uint64_t exponent = (bits >> kMantissaBits) & kMaxExponent;
  const std::uint64_t mantissa = bits & ((1ULL << kMantissaBits) - 1);
  const std::uint64_t fraction = mantissa << (52 - kMantissaBits);
  if (exponent == kMaxExponent)
    return __builtin_bit_cast(double, sign | (0x7ffULL << 52) | fraction);
  if (exponent == 0) {
    // Subnormal: the mantissa counts steps of the smallest value, 2^(1 - bias - mantissa bits).
    constexpr std::uint64_t kStep = static_cast<std::uint64_t>(1023 + 1 - kBias - kMantissaBits);
    const double magnitude =
        static_cast<double>(mantissa) * __builtin_bit_cast(double, kStep << 52);
    return sign == 0 ? magnitude : -magnitude;
  }
  return __builtin_bit_cast(double, sign | ((exponent + 1023 - kBias) << 52) | fraction);
}

}  // namespace detail

/** IEEE-754 binary16: 5 exponent bits, 10 mantissa bits. */
struct Float16 {
  std::uint16_t bits = 0;

  Float16() = default;
  explicit constexpr Float16(double value) : bits(detail::encode16<5, 10>(value)) {}
  explicit constexpr operator double() const { return detail::decode16<5, 10>(bits); }
  explicit constexpr operator float() const {
    return static_cast<float>(static_cast<double>(*this));
  }
};

/** The upper half of a float: 8 exponent bits, 7 mantissa bits. */
struct BFloat16 {
  std::uint16_t bits = 0;

  BFloat16() = default;
  explicit constexpr BFloat16(double value) : bits(detail::encode16<8, 7>(value)) {}

  /**
   * Same rounding as from double, in a form that compilers vectorise. Always inlined, as is the way
   * back: kernels built for one CPU must not leave a copy that runs on another.
   */
  [[gnu::always_inline]] explicit constexpr BFloat16(float value) {
    const auto raw = __builtin_bit_cast(std::uint32_t, value);
    const std::uint32_t rounded = (raw + 0x7fffU + ((raw >> 16) & 1U)) >> 16;
    const bool isNan = (raw & 0x7fffffffU) > 0x7f800000U;
    bits = static_cast<std::uint16_t>(isNan ? ((raw >> 16) & 0x8000U) | 0x7fc0U : rounded);
  }

  [[gnu::always_inline]] explicit constexpr operator float() const {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
  }
  explicit constexpr operator double() const { return static_cast<float>(*this); }
};

}  // namespace mpsbench
