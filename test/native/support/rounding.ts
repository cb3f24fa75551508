import type { DType } from '../../../src/result/dtypes.js';

/** Bits of precision (with the leading one), smallest exponent of a normal number, largest value. */
const FORMATS = {
  f16: { precision: 11, minExponent: -14, max: 65504 },
  bf16: { precision: 8, minExponent: -126, max: (2 - 2 ** -7) * 2 ** 127 },
} as const;

/** The nearest value of the dtype, ties to even, by arithmetic rather than by bits. */
export function rounded(value: number, dtype: DType): number {
  if (dtype === 'f64') return value;
  if (dtype === 'f32') return Math.fround(value);
  if (value === 0 || !Number.isFinite(value)) return value;
  const { precision, minExponent, max } = FORMATS[dtype];
  const magnitude = Math.abs(value);
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), minExponent);
  const step = 2 ** (exponent - precision + 1);
  const floor = Math.floor(magnitude / step);
  const rest = magnitude / step - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const result = (up ? floor + 1 : floor) * step;
  return Math.sign(value) * (result > max ? Number.POSITIVE_INFINITY : result);
}

/** Half the distance from 1 to the next value: the relative error of one rounding. */
export const UNIT_ROUNDOFF = {
  f32: 2 ** -24,
  f64: 2 ** -53,
  f16: 2 ** -11,
  bf16: 2 ** -8,
} as const satisfies Record<DType, number>;
