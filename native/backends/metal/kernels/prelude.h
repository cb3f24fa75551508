#include <metal_stdlib>

using namespace metal;

// What every kernel may use. Only what MSL 3.0 has, the language of macOS 13. Arithmetic is done in
// f32, and a result is rounded once where it is stored.

/** bf16, the upper half of a float, as its bits: MSL has the type from 3.1 on. */
typedef ushort bf16_bits;

inline float load(float value) {
  return value;
}
inline float load(half value) {
  return float(value);
}
inline float load(bf16_bits value) {
  return as_type<float>(uint(value) << 16);
}

/** `store<T>(x)`: x rounded to T, to nearest even. */
template <typename T>
inline T store(float value) {
  return T(value);
}
template <>
inline bf16_bits store<bf16_bits>(float value) {
  const uint raw = as_type<uint>(value);
  const uint rounded = (raw + 0x7fffu + ((raw >> 16) & 1u)) >> 16;
  return isnan(value) ? bf16_bits(0x7fc0) : bf16_bits(rounded);
}
