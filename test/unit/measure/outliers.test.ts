import { describe, expect, it } from 'vitest';
import { robustOutliers, robustScores } from '../../../src/measure/outliers.js';

const oddOnes = (values: readonly number[]) => robustOutliers(values).map(({ index }) => index);

describe('the odd one among like values', () => {
  it('is named by how far it is away, in both directions', () => {
    const [slow] = robustOutliers([100, 101, 99, 100, 130]);
    expect(slow).toMatchObject({ index: 4, value: 130, center: 100, outlier: true });
    expect(slow.change).toBeCloseTo(0.3);
    expect(slow.z).toBeGreaterThan(3.5);
    const [fast] = robustOutliers([100, 101, 99, 100, 70]);
    expect(fast.z).toBeLessThan(-3.5);
  });

  it('is found among as few as three', () => {
    expect(oddOnes([1, 1.01, 1.5])).toEqual([2]);
    expect(oddOnes([1, 1.5])).toEqual([]);
    expect(oddOnes([1])).toEqual([]);
    expect(oddOnes([])).toEqual([]);
  });

  it('is more than 5 % away, however equal the others are', () => {
    expect(oddOnes([100, 100, 100, 104.9])).toEqual([]);
    expect(oddOnes([100, 100, 100, 105.1])).toEqual([3]);
    expect(robustScores([100, 100, 100, 105.1])[3].z).toBeCloseTo(3.57, 2);
  });

  it('is further away than the others spread', () => {
    expect(oddOnes([80, 90, 100, 110, 120, 135])).toEqual([]);
  });

  it('is found among two, the farthest first', () => {
    expect(oddOnes([100, 150, 101, 99, 100, 98, 60, 102, 400])).toEqual([8, 1, 6]);
  });

  it('is found among thousands', () => {
    const hosts = Array.from({ length: 10_000 }, (_, i) => 100 + Math.sin(i));
    hosts[4321] = 112;
    expect(oddOnes(hosts)).toEqual([4321]);
  });
});

it('leaves out what is not finite, and keeps the positions of the rest', () => {
  const values = [Number.NaN, 10, Number.POSITIVE_INFINITY, 10, 10.1, 20];
  expect(robustScores(values).map(({ index }) => index)).toEqual([1, 3, 4, 5]);
  expect(oddOnes(values)).toEqual([5]);
});

it('does not score values around zero', () => {
  expect(robustScores([0, 0, 0, 1])).toEqual([]);
  expect(robustScores([-1, -1, -5])).toEqual([]);
});
