import { roundToDtype } from '../../src/graph/rounding.js';

/** f32 keeps 24 significant bits, TF32 11: nearest as `cvt.rna`, or cut off as tensor cores do. */
export const toTf32 = {
  nearest: (value: number) => tf32Bits(value, 0x1000),
  truncated: (value: number) => tf32Bits(value, 0),
};

function tf32Bits(value: number, half: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = (bits[0] + half) & 0xffffe000;
  return new Float32Array(bits.buffer)[0];
}

/** Roundings that a device may do without saying so. */
export const ROUNDERS = {
  tf32: toTf32.nearest,
  bf16: (value: number) => roundToDtype(Float32Array.of(value), 'bf16')[0],
  f16: (value: number) => roundToDtype(Float32Array.of(value), 'f16')[0],
  f32: Math.fround,
} as const;
