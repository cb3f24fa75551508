import { describe, expect, it } from 'vitest';
import { compare } from '../../../src/measure/compare.js';
import {
  bisectionSize,
  crossoverOf,
  plateauOf,
  type SpeedupPoint,
} from '../../../src/measure/crossover.js';
import { measure } from '../../../src/measure/measure.js';
import type { MeasureOptions } from '../../../src/measure/types.js';
import { ScriptedClock, ScriptedSubject } from '../../fakes/scripted-subject.js';

const sizes = [1, 4, 16, 64, 256, 1024, 4096];
const win = (size: number, value = 2): SpeedupPoint => {
  return { size, value, interval: [value * 0.9, value * 1.1] };
};
const loss = (size: number) => win(size, 0.5);
const tie = (size: number, value = 1): SpeedupPoint => {
  return { size, value, interval: [value * 0.7, value * 1.4] };
};

describe('the crossover', () => {
  it('lies between the last size that does not win and the first that does', () => {
    const points = [loss(1), loss(4), tie(16), win(64), win(256)];
    expect(crossoverOf(points)).toEqual({ state: 'between', below: 16, from: 64 });
    expect(crossoverOf([...points].reverse())).toEqual(crossoverOf(points));
  });

  it('is always or never', () => {
    expect(crossoverOf([win(4), win(1), win(16)])).toEqual({ state: 'always', from: 1 });
    expect(crossoverOf([loss(1), loss(4)])).toEqual({ state: 'never', upTo: 4 });
    expect(crossoverOf([win(1), win(4), loss(16)])).toEqual({ state: 'never', upTo: 16 });
    expect(crossoverOf([win(1), win(4), tie(16, 1.1)])).toEqual({ state: 'never', upTo: 16 });
    expect(crossoverOf([])).toBeUndefined();
  });

  it('comes after the last dip: the device has to win at all larger sizes', () => {
    const points = [loss(1), win(4), win(16), loss(64), win(256), win(1024)];
    expect(crossoverOf(points)).toEqual({ state: 'between', below: 64, from: 256 });
  });

  it('is not reset by one noisy size between wins, but by two, and by one in doubt of itself', () => {
    const [first, last] = [loss(1), [win(256), win(1024)]];
    expect(crossoverOf([first, win(4), tie(16, 1.2), ...last])).toMatchObject({ from: 4 });
    expect(crossoverOf([first, win(4), tie(16, 1.2), tie(64, 1.2), ...last])).toMatchObject({
      below: 64,
      from: 256,
    });
    expect(crossoverOf([first, win(4), tie(16, 0.98), ...last])).toMatchObject({ from: 256 });
  });

  it('needs an interval: a median alone wins nothing', () => {
    const points = [win(1), { size: 4, value: 3 }, { size: 16, value: 3 }];
    expect(crossoverOf(points)).toEqual({ state: 'unknown', upTo: 16 });
    expect(crossoverOf([win(1), { size: 4, value: 0.01 }])).toEqual({ state: 'never', upTo: 4 });
    expect(crossoverOf([loss(1), { size: 4, value: 3 }, win(16), win(64)])).toMatchObject({
      below: 4,
      from: 16,
    });
  });
});

describe('the next size to measure', () => {
  it('is the geometric middle, until the bracket is within a quarter', () => {
    const between = (below: number, from: number) => {
      return bisectionSize({ state: 'between', below, from });
    };
    expect(between(16, 64)).toBe(32);
    expect(between(24, 32)).toBe(28);
    expect(between(28, 32)).toBeUndefined();
    expect(between(1, 2)).toBeUndefined();
    expect(between(1, 3)).toBe(2);
    expect(bisectionSize({ state: 'never', upTo: 4 })).toBeUndefined();
    expect(bisectionSize(undefined)).toBeUndefined();
  });
});

it('the plateau begins when the speedup stays within 10 % of the last', () => {
  expect(plateauOf([win(1, 1), win(4, 5), win(16, 9.2), win(64, 9.4)])).toEqual({
    from: 16,
    value: 9.4,
  });
  expect(plateauOf([])).toBeUndefined();
});

/** Nanoseconds per iteration of a device at a size. */
type CurveOf = (size: number) => number;

const OPTIONS: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 1e9,
  warmupNs: 1e8,
  minSamples: 10,
  maxSamples: 30,
  precision: 0.001,
};

/** What a sweep over scripted devices finds: the grid, and then bisection. */
async function sweepOf(baseline: CurveOf, device: CurveOf, noise = 0.01) {
  const points: SpeedupPoint[] = [];
  const measureAt = async (size: number) => {
    const clock = new ScriptedClock();
    const script = (curve: CurveOf, phase: number) => ({
      wallNs: (index: number) => curve(size) * (1 + noise * Math.sin(index * 2.4 + phase)),
    });
    const subjects = [
      new ScriptedSubject('cpu:0', clock, script(baseline, 0)),
      new ScriptedSubject('gpu:0', clock, script(device, 1)),
    ];
    const outcomes = await measure(subjects, OPTIONS, { clock });
    const [base, own] = subjects.map(({ id }) => outcomes.get(id)?.measurement);
    const speedup = base && own && compare(base, own);
    if (speedup) points.push({ size, value: speedup.value, interval: speedup.interval });
  };
  for (const size of sizes) await measureAt(size);
  for (let round = 0; round < 10; round++) {
    const size = bisectionSize(crossoverOf(points));
    if (size === undefined) break;
    await measureAt(size);
  }
  return crossoverOf(points);
}

/** The GPU has an overhead of 12 us and then 50 ns a unit of work; the CPU takes 500 ns a unit. */
const gpu: CurveOf = (size) => 12_000 + 50 * size;
const cpu: CurveOf = (size) => 500 * size;
const CROSSING = 12_000 / 450;

describe('sweeps over scripted devices', () => {
  it('find where a curve crosses once, within a quarter', async () => {
    const found = await sweepOf(cpu, gpu);
    if (found?.state !== 'between') throw new Error(`found ${found?.state}`);
    expect(found.below).toBeLessThanOrEqual(CROSSING);
    expect(found.from).toBeGreaterThanOrEqual(CROSSING);
    expect(found.from / found.below).toBeLessThanOrEqual(1.25);
  });

  it('find the last of two crossings', async () => {
    // Faster up to 8, slower up to 500 where it runs out of cache, then faster again.
    const twice: CurveOf = (size) => cpu(size) * (size <= 8 ? 0.5 : size < 500 ? 2 : 0.4);
    const found = await sweepOf(cpu, twice);
    if (found?.state !== 'between') throw new Error(`found ${found?.state}`);
    expect(found.below).toBeLessThan(500);
    expect(found.from).toBeGreaterThanOrEqual(500);
    expect(found.from / found.below).toBeLessThanOrEqual(1.25);
  });

  it('find a dip at one size', async () => {
    const dip: CurveOf = (size) => cpu(size) * (size === 1024 ? 1.5 : 0.25);
    const found = await sweepOf(cpu, dip);
    expect(found).toMatchObject({ state: 'between' });
    expect(found?.state === 'between' && found.below).toBeGreaterThanOrEqual(1024);
  });

  it('say never and always', async () => {
    expect(await sweepOf(cpu, (size) => cpu(size) * 3)).toEqual({ state: 'never', upTo: 4096 });
    expect(await sweepOf(cpu, (size) => cpu(size) / 3)).toEqual({ state: 'always', from: 1 });
  });

  it('never count noisy ties as a win', async () => {
    expect(await sweepOf(cpu, cpu, 0.3)).toEqual({ state: 'never', upTo: 4096 });
  });
});
