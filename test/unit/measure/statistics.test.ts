import { describe, expect, it } from 'vitest';
import {
  ascending,
  mean,
  median,
  outliersOf,
  quantile,
  relativeNoise,
} from '../../../src/measure/statistics.js';
import { summarise } from '../../../src/measure/summary.js';

describe('quantile', () => {
  // The values that R's quantile(x, type = 7) gives.
  it.each([
    [0, 1],
    [0.25, 2.75],
    [0.5, 6],
    [0.9, 16.5],
    [1, 27],
  ])('interpolates the %f quantile as type 7 does', (p, expected) => {
    expect(quantile([1, 2, 3, 4, 8, 9, 12, 27], p)).toBeCloseTo(expected, 12);
  });

  it('is NaN for nothing, and the value for a single one', () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([7], 0.9)).toBe(7);
  });
});

describe('statistics', () => {
  it('puts the median of an even number of values between the middle two', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(mean([4, 1, 3, 2])).toBe(2.5);
  });

  it('relates the quartiles to the median', () => {
    expect(relativeNoise([9, 10, 10, 10, 11])).toBe(0);
    expect(relativeNoise([8, 9, 10, 11, 12])).toBeCloseTo(0.2, 12);
    expect(relativeNoise([0, 0, 0])).toBe(0);
  });

  it('labels values outside the fences by their place in the series', () => {
    const values = [10, 11, 50, 10, 9, 10, 11, 0.1, 10, 9];
    expect(outliersOf(values, ascending(values))).toEqual([2, 7]);
  });

  it('does not touch what it is given', () => {
    const values = [3, 1, 2];
    summarise(values, [3]);
    expect(values).toEqual([3, 1, 2]);
  });

  it('summarises a series', () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(summarise(values, [50, 50])).toMatchObject({
      samples: 100,
      median: 50.5,
      min: 1,
      max: 100,
      mean: 50.5,
      outliers: [],
    });
    expect(summarise(values, [50, 50]).p90).toBeCloseTo(90.1, 10);
    expect(summarise(values, [50, 50]).noise).toBeCloseTo(49.5 / 50.5, 12);
  });
});
