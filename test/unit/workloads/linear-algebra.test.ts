import { describe, expect, it } from 'vitest';
import { strict } from '../../../src/graph/precision.js';
import { meanSquaredError } from '../../../src/workloads/linear/algebra.js';
import { lossTolerance } from '../../../src/workloads/linear/checks.js';
import { uniform } from '../../../src/workloads/random.js';

const n = 2 ** 20;
const [coarse, fine] = [uniform(n, 1, 0, 128), uniform(n, 1, 1, 128)].map((draws) =>
  draws.map(Math.round),
);
/** Whole numbers, as a training's values are whole multiples of a power of two. */
const values = Float64Array.from(coarse, (value, i) => value * 2 ** 16 + fine[i]);
const exact = Number(values.reduce<bigint>((sum, value) => sum + BigInt(value) ** 2n, 0n)) / n;
const relativeError = (mean: number) => Math.abs(mean - exact) / exact;

describe('the loss of millions of errors on a grid', () => {
  it('is correct to the last digit', () => {
    const loss = meanSquaredError(values, new Float64Array(n));
    expect(relativeError(loss)).toBeLessThanOrEqual(2 ** -52);
  });

  it('can be summed one by one on a device in f64, but not in f32', () => {
    const { abs, rel } = lossTolerance(strict('f64'), 0, exact, n);
    const allowed = rel + abs / exact;
    const oneByOne = values.reduce((sum, value) => sum + value ** 2, 0) / n;
    const randomWalk = 2 * 6 * 2 ** -53 * Math.sqrt(n);
    expect(relativeError(oneByOne)).toBeGreaterThan(randomWalk);
    expect(relativeError(oneByOne)).toBeLessThanOrEqual(allowed);
    expect(relativeError(Math.fround(exact))).toBeGreaterThan(allowed);
  });
});
