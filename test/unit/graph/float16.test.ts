import { describe, expect, it } from 'vitest';
import { f16BitsToF32, f32ToF16Bits } from '../../../src/graph/float16.js';

describe('binary16', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [-1e30, 0xfc00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0001, 0x0001],
    [2 ** -24 * 1.5, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
    [2 ** -14 - 2 ** -26, 0x0400],
    // Through f32 this would be rounded twice, to 0x3c00.
    [1 + 2 ** -11 + 2 ** -40, 0x3c01],
  ])('%d is %i', (value, bits) => {
    expect([...f32ToF16Bits([value])]).toEqual([bits]);
  });

  it('keeps NaN', () => {
    expect(f16BitsToF32(f32ToF16Bits([Number.NaN]))[0]).toBeNaN();
  });

  it('reads every pattern back', () => {
    const bits = Uint16Array.from({ length: 0x7c01 }, (_, i) => i);
    const values = f16BitsToF32(bits);
    expect(values[1]).toBe(2 ** -24);
    expect(values[0x7bff]).toBe(65_504);
    expect([...f32ToF16Bits(values)]).toEqual([...bits]);
  });
});
