import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/result/dtypes.js';
import { compareWithReference, requireRange } from '../../../src/runner/reference-check.js';
import type { Check } from '../../../src/workloads/types.js';

const INFINITY = Number.POSITIVE_INFINITY;

function check(actual: number, expected: number, more: Partial<Check> = {}): Check {
  const values = { actual: Float32Array.of(actual), expected: Float64Array.of(expected) };
  return { name: 'sum', tensor: 'c', ...values, tolerance: { abs: 0, rel: 1e-3 }, ...more };
}

/** What the checks are judged to be: throws where the problem is to blame. */
function judge(checks: readonly Check[], dtype: DType, diverged = false): boolean {
  const outcomes = checks.map(compareWithReference);
  requireRange(checks, outcomes, dtype, diverged, 'Take a smaller one.');
  return outcomes.every(({ ok }) => ok);
}

describe('a value that is not finite', () => {
  it.each([INFINITY, Number.NaN])('is wrong if the reference is finite: %s', (value) => {
    expect(judge([check(value, 60_000)], 'f16')).toBe(false);
  });

  it.each([
    ['f16', 90_000],
    ['f32', 1e39],
    ['bf16', 1e39],
    ['f64', INFINITY],
    ['f32', Number.NaN],
  ] as const)(
    'is no fault of the device where the reference does not fit %s: %s',
    (dtype, value) => {
      expect(() => judge([check(INFINITY, value)], dtype)).toThrow(
        expect.objectContaining({ code: 'usage', advice: 'Take a smaller one.' }),
      );
    },
  );

  it('is not the fault of the device if an intermediate tensor does not fit', () => {
    const small = check(Number.NaN, 3, { magnitude: 1e5 });
    expect(() => judge([small], 'f16')).toThrow('"sum" takes values up to 100000');
    expect(judge([small], 'f32')).toBe(false);
  });
});

it('leaves sums alone that are larger than the tensors they are made of', () => {
  expect(judge([check(70_000, 69_999, { magnitude: 300 })], 'f16')).toBe(true);
  expect(judge([check(0, 69_999, { magnitude: 300 })], 'f16')).toBe(false);
});

it('lets the first wrong check decide: later ones are made of its values', () => {
  expect(judge([check(INFINITY, 1), check(INFINITY, INFINITY)], 'f32')).toBe(false);
});

it('blames diverging iterations on the problem only if the first ones are correct', () => {
  expect(() => judge([check(1, 1)], 'f16', true)).toThrow('its first step is right');
  expect(judge([check(2, 1)], 'f16', true)).toBe(false);
});
