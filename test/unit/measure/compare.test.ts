import { describe, expect, it } from 'vitest';
import { compare, speedup } from '../../../src/measure/compare.js';
import { summarise } from '../../../src/measure/summary.js';
import type { Measurement, Summary } from '../../../src/result/schema.js';
import { blockSeries } from '../../fakes/series.js';

const of = (median: number, low: number, high: number): Summary => ({
  ...summarise([median], [1]),
  median,
  interval: [low, high],
});

describe('speedup', () => {
  it('is above 1 if the subject is faster', () => {
    expect(speedup(of(200, 200, 200), of(100, 100, 100), 'wall')).toEqual({
      value: 2,
      interval: [2, 2],
      clock: 'wall',
    });
  });

  it('is the other way round when the two change places', () => {
    const there = speedup(of(200, 190, 205), of(100, 95, 108), 'wall');
    const back = speedup(of(100, 95, 108), of(200, 190, 205), 'wall');
    expect(back.value).toBeCloseTo(1 / there.value, 12);
    const [[low], [, high]] = [back.interval ?? [], there.interval ?? []];
    expect(low).toBeCloseTo(1 / Number(high), 12);
  });

  it('has no interval if one of the medians has none', () => {
    const few = summarise([100, 101], [2]);
    expect(speedup(of(200, 190, 205), few, 'wall')).toEqual({ value: 200 / 100.5, clock: 'wall' });
    expect(speedup(few, of(200, 190, 205), 'wall').interval).toBeUndefined();
  });

  it('contains the true ratio in at least 90 % of the runs', () => {
    let inside = 0;
    for (let run = 0; run < 200; run++) {
      const shape = { blocks: 12, samplesPerBlock: 20, between: 0.02 };
      const base = blockSeries(run, shape);
      const subject = blockSeries(run + 10_000, { ...shape, between: 0.005 });
      const { interval = [0, 0] } = speedup(
        summarise(
          base.values.map((value) => 3 * value),
          base.blocks,
        ),
        summarise(subject.values, subject.blocks),
        'wall',
      );
      if (interval[0] <= 3 && 3 <= interval[1]) inside++;
    }
    expect(inside / 200).toBeGreaterThanOrEqual(0.9);
  });
});

describe('compare', () => {
  const measurement = (wall: Summary) => ({ wall }) as Measurement;

  it('compares wall times', () => {
    const result = compare(measurement(of(30, 29, 31)), measurement(of(10, 10, 10)));
    expect(result).toMatchObject({ value: 3, clock: 'wall' });
  });

  it('compares too few samples without an interval', () => {
    const result = compare(measurement(summarise([30], [1])), measurement(summarise([10], [1])));
    expect(result).toEqual({ value: 3, clock: 'wall' });
  });

  it('gives no ratio that is not finite', () => {
    expect(compare(measurement(of(30, 0, 60)), measurement(of(10, 9, 11)))).toBeUndefined();
    expect(compare(measurement(of(30, 29, 31)), measurement(of(0, 0, 0)))).toBeUndefined();
  });
});
