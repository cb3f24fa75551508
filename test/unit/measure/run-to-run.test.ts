import { expect, it } from 'vitest';
import { withRunToRun } from '../../../src/measure/run-to-run.js';
import { summarise } from '../../../src/measure/summary.js';

it('adds up with the interval of the run as independent errors do', () => {
  const summary = { ...summarise([100], [1]), interval: [97, 104] as const };
  const { interval = [], median } = withRunToRun(summary, 0.04);
  expect(median).toBe(100);
  expect(interval[0]).toBeCloseTo(100 * Math.exp(-Math.hypot(Math.log(0.97), 0.04)), 10);
  expect(interval[1]).toBeCloseTo(100 * Math.exp(Math.hypot(Math.log(1.04), 0.04)), 10);
});

it('makes no interval where there is none', () => {
  const summary = summarise([100], [1]);
  expect(summary.interval).toBeUndefined();
  expect(withRunToRun(summary, 0.02)).toEqual(summary);
});

it('leaves an interval alone that reaches zero', () => {
  const summary = { ...summarise([0, 0], [2]), interval: [0, 0] as const };
  expect(withRunToRun(summary, 0.01)).toEqual(summary);
});
