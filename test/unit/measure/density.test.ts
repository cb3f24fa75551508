import { describe, expect, it } from 'vitest';
import { densityOf } from '../../../src/measure/density.js';

describe('the density of values', () => {
  it('integrates to 1 over a range that contains them', () => {
    const values = [4, 5, 5, 6, 9, 9.5, 10];
    const points = densityOf(values, [-20, 30]);
    const step = points[1].value - points[0].value;
    const area = points.reduce((sum, { density }) => sum + density * step, 0);
    expect(area).toBeCloseTo(1, 2);
  });

  it('peaks where the values are', () => {
    const points = densityOf([10, 10.1, 9.9, 10.05, 2], [0, 12]);
    const highest = points.reduce((best, point) => (point.density > best.density ? point : best));
    expect(highest.value).toBeGreaterThan(9);
  });

  it('says nothing of two values, or of no range', () => {
    expect(densityOf([1, 2], [0, 3])).toEqual([]);
    expect(densityOf([1, 1, 1], [1, 1])).toEqual([]);
    expect(densityOf([1, 1, 1], [0, 2]).every(({ density }) => Number.isFinite(density))).toBe(
      true,
    );
  });
});
