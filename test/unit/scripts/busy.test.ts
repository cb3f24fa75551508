import { describe, expect, it } from 'vitest';
import { judge, valuesOf } from '../../../scripts/benchmarks/busy.mjs';

const value = (medianNs: number, half: number, marked = false) => ({
  medianNs,
  interval: [medianNs * (1 - half), medianNs * (1 + half)] as [number, number],
  marked,
});
const quiet = [value(99, 0.02), value(100, 0.02), value(101, 0.02)];

describe('judge', () => {
  it('accepts a value that is true on a quiet machine, and one that is marked', () => {
    const values = [value(102, 0.02), value(400, 0.01, true), value(150, 0.4)];
    expect(judge(quiet, values)).toMatchObject({ reference: 100, marked: 1, holds: 2, wrong: [] });
  });

  it('finds a confident wrong number', () => {
    const wrong = value(7984, 0.022);
    expect(judge(quiet, [wrong, value(100, 0.01)])).toMatchObject({ holds: 1, wrong: [wrong] });
  });

  it('computes the quiet value from undisturbed runs', () => {
    expect(judge([value(500, 0.1, true), value(100, 0.02)], []).reference).toBe(100);
  });
});

it('reads the rows of a result, marked ones too', () => {
  const wall = { median: 5, interval: [4, 6] };
  const rows = [
    { measurement: { wall } },
    { measurement: { wall, disturbance: { unreliable: true, otherCpus: 2, offCpu: 0.6 } } },
    { state: 'failed' },
  ];
  expect(valuesOf({ rows })).toEqual([
    { medianNs: 5, interval: [4, 6], marked: false },
    { medianNs: 5, interval: [4, 6], marked: true, otherCpus: 2, offCpu: 0.6 },
  ]);
});
