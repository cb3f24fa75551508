/**
 * IEEE 754 binary16 and back. Rounding is to nearest, ties to even, in one step from the double, so
 * that no value is rounded twice.
 */

const INFINITY_BITS = 0x7c00;
const NAN_BITS = 0x7e00;
/** Half way from the largest finite value (65504) to the next power of two: rounds to infinity. */
const OVERFLOW = 65_520;
/** Adding and subtracting it rounds a smaller positive double to an integer, ties to even. */
const ROUNDER = 2 ** 52;

export function f32ToF16Bits(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  const scratch = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < values.length; i++) bits[i] = toBits(values[i], scratch);
  return bits;
}

function toBits(value: number, scratch: DataView): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(magnitude)) return NAN_BITS;
  if (magnitude >= OVERFLOW) return sign | INFINITY_BITS;
  scratch.setFloat64(0, magnitude);
  const exponent = Math.max((scratch.getUint16(0) >> 4) - 1023, -14);
  // Units of the last place: 1024..2048 for normal values, below for subnormal ones. A carry into
  // 2048 runs over into the exponent's field, which is what it should do.
  const units = magnitude * 2 ** (10 - exponent) + ROUNDER - ROUNDER;
  return sign | (((exponent + 14) << 10) + units);
}

export function f16BitsToF32(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const exponent = (bits[i] >> 10) & 0x1f;
    const fraction = bits[i] & 0x3ff;
    const sign = bits[i] & 0x8000 ? -1 : 1;
    if (exponent === 0) values[i] = sign * fraction * 2 ** -24;
    else if (exponent === 0x1f) values[i] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else values[i] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return values;
}
