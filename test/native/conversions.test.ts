import { describe, expect, test } from 'vitest';
import type { DType } from '../../src/result/dtypes.js';
import { openCpu } from './support/cpu.js';
import { rounded } from './support/rounding.js';

/** What the device holds after the host has written `values`: a state tensor is read as it stands. */
async function stored(values: Float32Array | Float64Array, dtype: DType) {
  const device = await openCpu({ engine: 'reference' });
  const shape = [values.length];
  const executable = await device.compile({
    name: 'conversion',
    tensors: [{ id: 's', shape, role: 'state', dtype }],
    ops: [],
    outputs: [],
  });
  executable.write('s', values);
  const read = await executable.read('s');
  executable.dispose();
  return [...read];
}

describe('f16', () => {
  test.each([
    ['the largest value', 65504, 65504],
    ['just below the step to infinity', 65519.99, 65504],
    ['halfway to the next power of two', 65520, Number.POSITIVE_INFINITY],
    ['the smallest normal', 2 ** -14, 2 ** -14],
    ['the largest subnormal', 2 ** -14 - 2 ** -24, 2 ** -14 - 2 ** -24],
    ['between the largest subnormal and the smallest normal', 2 ** -14 - 2 ** -26, 2 ** -14],
    ['the smallest subnormal', 2 ** -24, 2 ** -24],
    ['a tie to zero', 2 ** -25, 0],
    ['above the tie', 2 ** -25 * (1 + 2 ** -20), 2 ** -24],
    ['a subnormal tie to even', 3 * 2 ** -25, 2 ** -23],
    ['a tie to even, down', 1 + 2 ** -11, 1],
    ['a tie to even, up', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['a negative tie', -(1 + 2 ** -11), -1],
    ['a double that float would round onto the tie', 1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -10],
  ])('%s', async (_, value, expected) => {
    expect(await stored(Float64Array.of(value), 'f16')).toEqual([expected]);
  });
});

describe('bf16', () => {
  const largest = (2 - 2 ** -7) * 2 ** 127;
  test.each([
    ['the largest value', largest, largest],
    ['the largest float', (2 - 2 ** -23) * 2 ** 127, Number.POSITIVE_INFINITY],
    ['the smallest subnormal', 2 ** -133, 2 ** -133],
    ['a tie to zero', 2 ** -134, 0],
    ['a tie to even, down', 1 + 2 ** -8, 1],
    ['a tie to even, up', 1 + 3 * 2 ** -8, 1 + 2 ** -6],
    ['a double that float would round onto the tie', 1 + 2 ** -8 + 2 ** -40, 1 + 2 ** -7],
  ])('%s', async (_, value, expected) => {
    expect(await stored(Float64Array.of(value), 'bf16')).toEqual([expected]);
  });

  test('float and double round the same way', async () => {
    const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.3, -2.7, 1e-40, 3e38];
    const floats = Float32Array.from(values);
    expect(await stored(floats, 'bf16')).toEqual(await stored(Float64Array.from(floats), 'bf16'));
  });
});

describe.each(['f32', 'f16', 'bf16', 'f64'] as const)('%s', (dtype) => {
  test('keeps zeros with their sign, infinities and NaN', async () => {
    const special = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    expect(await stored(Float32Array.from(special), dtype)).toEqual(special);
    expect(await stored(Float64Array.from(special), dtype)).toEqual(special);
  });

  test('rounds a sweep over all magnitudes to nearest, ties to even', async () => {
    const values = Float64Array.from({ length: 600 }, (_, i) => {
      const magnitude = 2 ** ((i % 300) / 2 - 140);
      return (i % 2 === 0 ? 1 : -1) * magnitude * (1 + i / 601);
    });
    expect(await stored(values, dtype)).toEqual([...values].map((value) => rounded(value, dtype)));
  });
});
