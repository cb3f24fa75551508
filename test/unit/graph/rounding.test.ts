import { expect, it } from 'vitest';
import { f16BitsToF32, f32ToF16Bits } from '../../../src/graph/float16.js';
import { roundToDtype } from '../../../src/graph/rounding.js';

/** Values at, beside and half way between neighbours of every f16, both signs. */
function awkward(): Float32Array {
  const all = f16BitsToF32(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
  const values = [...all].flatMap((value, i) => {
    const half = (value + (all[i + 1] ?? 65536)) / 2;
    return [value, half, half * (1 + 2 ** -23), half * (1 - 2 ** -23)];
  });
  return Float32Array.from(
    [...values, 2 ** -26, 1e9, 1e-30, Infinity, NaN].flatMap((v) => [v, -v]),
  );
}

it('rounds to f16 as the conversion to its bits does', () => {
  const values = awkward();
  expect(roundToDtype(values, 'f16')).toEqual(f16BitsToF32(f32ToF16Bits(values)));
});

it('rounds to bf16 by ties to even', () => {
  const values = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -3.4e38);
  expect([...roundToDtype(values, 'bf16')]).toEqual([1, 1 + 2 ** -6, 1 + 2 ** -7, -Infinity]);
});

it('leaves f32 and f64 as they are', () => {
  const values = Float32Array.of(1 / 3);
  expect(roundToDtype(values, 'f32')).toBe(values);
  expect(roundToDtype(values, 'f64')).toBe(values);
});
