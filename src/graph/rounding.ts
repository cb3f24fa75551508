import type { DType } from '../result/dtypes.js';

/** The values as a tensor of this dtype holds them, rounded to nearest even. */
export function roundToDtype(values: Float32Array, dtype: DType): Float32Array {
  switch (dtype) {
    case 'f32':
    case 'f64':
      return values;
    case 'f16':
      return roundToF16(values);
    case 'bf16':
      return roundToBf16(values);
    default:
      throw dtype satisfies never;
  }
}

/** Half way from the largest finite value (65504) to the next power of two: rounds to infinity. */
const F16_OVERFLOW = 65_520;
const F16_SMALLEST_NORMAL = 2 ** -14;
/** Subnormal values are multiples of 2^-24; adding and subtracting it rounds an f64 to such. */
const F16_SUBNORMAL_ROUNDER = 1.5 * 2 ** 28;

/** binary16 has 13 bits of fraction less than an f32, and fewer exponents. */
function roundToF16(values: Float32Array): Float32Array {
  const rounded = new Float32Array(values);
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) {
    const magnitude = Math.abs(values[i]);
    if (magnitude >= F16_OVERFLOW) rounded[i] = values[i] * Number.POSITIVE_INFINITY;
    else if (magnitude >= F16_SMALLEST_NORMAL) {
      const halfUp = 0xfff + ((bits[i] >>> 13) & 1);
      bits[i] = (bits[i] + halfUp) & 0xffffe000;
    } else if (magnitude > 0) {
      const nearest = magnitude + F16_SUBNORMAL_ROUNDER - F16_SUBNORMAL_ROUNDER;
      rounded[i] = values[i] < 0 ? -nearest : nearest;
    }
  }
  return rounded;
}

/** bfloat16 is the upper half of an f32. */
function roundToBf16(values: Float32Array): Float32Array {
  const rounded = new Float32Array(values);
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) {
    if (Number.isNaN(rounded[i])) continue;
    const halfUp = 0x7fff + ((bits[i] >>> 16) & 1);
    bits[i] = (bits[i] + halfUp) & 0xffff0000;
  }
  return rounded;
}
