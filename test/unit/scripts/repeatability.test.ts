import { expect, test } from 'vitest';
import { repeatability } from '../../../scripts/benchmarks/repeatability.mjs';

/** A run whose row has this median, known to this. */
const run = (median: number, half: number) => ({
  rows: [
    {
      workload: 'add',
      device: 'cpu:0',
      measurement: { wall: { median, interval: [median - half, median + half] } },
    },
  ],
});

test('the spread of separate runs beside the intervals that they printed', () => {
  const [row] = repeatability([run(100, 1), run(101, 2), run(110, 1)]);
  expect(row).toMatchObject({ name: 'add cpu:0 wall', medianNs: 101, pairs: 3, disagree: 2 });
  expect(row?.spread).toBeCloseTo(5 / 101);
  expect(row?.halfWidths).toEqual([0.01, 2 / 101, 1 / 110]);
});

test('a row that one run has not measured is left out', () => {
  const failed = { rows: [{ workload: 'add', device: 'cpu:0' }] };
  expect(repeatability([run(100, 1), failed])).toEqual([]);
});
