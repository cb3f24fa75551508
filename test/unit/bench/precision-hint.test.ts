import { expect, it } from 'vitest';
import { precisionHint } from '../../../src/bench/precision-hint.js';
import type { DType } from '../../../src/result/dtypes.js';

const hint = (expected: number | null, actual: number | null, dtype: DType) =>
  precisionHint({ worst: { index: 0, expected, actual } }, dtype);

it.each([
  ['the error of MLX on the neural accelerators', 1, 1 + 7.7e-4, 'f32', /7.7e-4|0\.00077.*TF32/],
  ['a long sum in f16', 100, 103, 'f16', /0\.03.*added up in f16/],
] as const)('%s is named', (_, expected, actual, dtype, says) => {
  expect(hint(expected, actual, dtype)).toMatch(says);
});

it.each([
  ['another value', 1, 2, 'f32'],
  ['the error of f32 itself', 1, 1 + 2.9e-7, 'f32'],
  ['zero', 0, 1, 'f32'],
  ['NaN', 1, null, 'f32'],
  ['one rounding of f16', 1, 1 + 2 ** -11, 'f16'],
  ['f64', 1, 1.0005, 'f64'],
] as const)('%s is not', (_, expected, actual, dtype) => {
  expect(hint(expected, actual, dtype)).toBeUndefined();
});
