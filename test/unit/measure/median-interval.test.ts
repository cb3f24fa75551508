import { describe, expect, it } from 'vitest';
import { medianInterval, orderStatisticInterval } from '../../../src/measure/median-interval.js';
import { blockSeries, type SeriesShape } from '../../fakes/series.js';

const RUNS = 200;

function intervalOf(...args: Parameters<typeof medianInterval>): [number, number] {
  return medianInterval(...args) ?? [Number.NaN, Number.NaN];
}

/** The share of seeded series whose interval holds the true median. */
function coverage(shape: SeriesShape): number {
  let inside = 0;
  for (let run = 0; run < RUNS; run++) {
    const { values, blocks, trueMedian } = blockSeries(1000 + 7919 * run, shape);
    const [low, high] = intervalOf(values, blocks, { resamples: 300 });
    if (low <= trueMedian && trueMedian <= high) inside++;
  }
  return inside / RUNS;
}

describe('medianInterval', () => {
  it.each<[string, SeriesShape]>([
    ['6 single samples', { blocks: 6, samplesPerBlock: 1 }],
    ['30 single samples', { blocks: 30, samplesPerBlock: 1 }],
    ['one block', { blocks: 1, samplesPerBlock: 100 }],
    ['2 blocks that differ', { blocks: 2, samplesPerBlock: 20, between: 0.05 }],
    ['4 blocks that differ', { blocks: 4, samplesPerBlock: 20, between: 0.02 }],
    ['6 blocks that differ', { blocks: 6, samplesPerBlock: 20, between: 0.02 }],
    ['12 blocks of one level', { blocks: 12, samplesPerBlock: 20 }],
    ['20 blocks that differ', { blocks: 20, samplesPerBlock: 20, between: 0.05 }],
    ['60 blocks that differ', { blocks: 60, samplesPerBlock: 10, between: 0.02 }],
    [
      'skewed samples in blocks that differ',
      { blocks: 12, samplesPerBlock: 20, between: 0.02, skewed: true },
    ],
    [
      'blocks that resemble their neighbours',
      { blocks: 80, samplesPerBlock: 10, between: 0.02, carryOver: 0.6 },
    ],
  ])('holds the true median in at least 90 %% of the runs: %s', (_, shape) => {
    expect(coverage(shape)).toBeGreaterThanOrEqual(0.9);
  });

  it('is wider if blocks differ than if they do not', () => {
    const width = (between: number) => {
      const { values, blocks } = blockSeries(7, { blocks: 16, samplesPerBlock: 50, between });
      const [low, high] = intervalOf(values, blocks);
      return high - low;
    };
    expect(width(0.05)).toBeGreaterThan(5 * width(0));
  });

  it('is a point for a constant series, and stays above zero', () => {
    expect(medianInterval(new Array(40).fill(5), [10, 10, 10, 10])).toEqual([5, 5]);
    expect(intervalOf([1, 1, 1, 9, 9, 9], [3, 3])[0]).toBeGreaterThan(0);
    expect(medianInterval([0, 0, 0, 9, 9, 9], [3, 3])).toEqual([0, 9]);
  });

  it.each([1, 2, 5])('does not exist for %i samples, in one block or in many', (n) => {
    const values = Array.from({ length: n }, (_, i) => 100 + i);
    expect(medianInterval(values, [n])).toBeUndefined();
    expect(medianInterval(values, new Array(n).fill(1))).toBeUndefined();
  });

  it('is the same for the same samples', () => {
    const { values, blocks } = blockSeries(11, { blocks: 10, samplesPerBlock: 10, between: 0.1 });
    expect(medianInterval(values, blocks)).toEqual(medianInterval(values, blocks));
  });

  it('gives nearly the same through its grid as with every sample', () => {
    const { values, blocks } = blockSeries(3, { blocks: 20, samplesPerBlock: 500, between: 0.02 });
    const [low, high] = intervalOf(values, blocks);
    expect(low).toBeLessThan(1e6);
    expect(high).toBeGreaterThan(1e6);
    expect((high - low) / 2e6).toBeLessThan(0.02);
  });
});

describe('orderStatisticInterval', () => {
  // The ranks of the tables for the median, for example in Hahn and Meeker, table A.16.
  it.each([
    [5, 1, 5],
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [10, 2, 9],
    [12, 3, 10],
    [20, 6, 15],
    [50, 18, 33],
    [100, 40, 61],
  ])('takes of %i values those of rank %i and %i', (n, low, high) => {
    const values = Array.from({ length: n }, (_, i) => i + 1);
    expect(orderStatisticInterval(values)).toEqual([low, high]);
  });

  it('continues smoothly where the exact sum ends', () => {
    const ranks = (n: number) => orderStatisticInterval(Array.from({ length: n }, (_, i) => i + 1));
    expect(ranks(500)[0]).toBe(228);
    expect(ranks(501)[0]).toBe(228);
    expect(ranks(10_000)).toEqual([4902, 5099]);
  });
});
