import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/measure/resampling-random.js';
import { relativeNoise } from '../../../src/measure/statistics.js';
import { Stopping } from '../../../src/measure/stopping/index.js';
import { MedianIntervalRule } from '../../../src/measure/stopping/median-interval.js';
import { NoiseConvergedRule } from '../../../src/measure/stopping/noise-converged.js';
import type { SamplingState } from '../../../src/measure/stopping/rule.js';
import type { MeasureOptions } from '../../../src/measure/types.js';
import { gaussian } from '../../fakes/series.js';

const options: MeasureOptions = {
  mode: 'latency',
  timeBudgetNs: 1000,
  warmupNs: 0,
  minSamples: 10,
  maxSamples: 500,
  precision: 0.01,
};

const wide: SamplingState = { samples: 20, elapsedNs: 100, relativeInterval: 0.5, noise: 0.3 };

describe('MedianIntervalRule', () => {
  it('treats a missing interval as wide', () => {
    const rule = new MedianIntervalRule();
    rule.initialise(options);
    for (let look = 0; look < 3; look++) rule.add({ ...wide, relativeInterval: undefined });
    expect(rule.isFinished()).toBe(false);
  });

  it('requires the interval to be narrow twice in a row', () => {
    const rule = new MedianIntervalRule();
    rule.initialise(options);
    const looks = [0.02, 0.009, 0.02, 0.01, 0.008].map((relativeInterval) => {
      rule.add({ ...wide, relativeInterval });
      return rule.isFinished();
    });
    expect(looks).toEqual([false, false, false, false, true]);
  });
});

describe('NoiseConvergedRule', () => {
  const blocksUntilFinished = (next: (random: () => number, block: number) => number) => {
    const rule = new NoiseConvergedRule();
    rule.initialise();
    const random = seededRandom(9);
    const values: number[] = [];
    for (let block = 1; block <= 200; block++) {
      for (let i = 0; i < 20; i++) values.push(next(random, block));
      const noise = relativeNoise(Float64Array.from(values).sort());
      rule.add({ ...wide, samples: values.length, noise });
      if (rule.isFinished()) return block;
    }
    return undefined;
  };

  it('stops if the noise stays the same', () => {
    const blocks = blocksUntilFinished((random) => 100 + 20 * gaussian(random));
    expect(blocks).toBeGreaterThanOrEqual(12);
    expect(blocks).toBeLessThan(60);
  });

  it('continues while the noise still grows', () => {
    const grows = blocksUntilFinished((random, block) => 100 + 0.2 * block * gaussian(random));
    expect(grows ?? 201).toBeGreaterThan(20);
  });

  it('says nothing about few samples', () => {
    const rule = new NoiseConvergedRule();
    rule.initialise();
    for (let samples = 1; samples < 64; samples++) rule.add({ ...wide, samples });
    expect(rule.isFinished()).toBe(false);
  });
});

describe('Stopping', () => {
  it('does not stop before the first look', () => {
    expect(new Stopping(options).stoppedBy()).toBeUndefined();
  });

  it.each<[string, Partial<SamplingState>]>([
    ['precision', { relativeInterval: 0.005 }],
    ['samples', { samples: 500 }],
    ['time', { elapsedNs: 1000 }],
  ])('says that it was %s', (reason, state) => {
    const stopping = new Stopping(options);
    stopping.add({ ...wide, ...state });
    stopping.add({ ...wide, ...state });
    expect(stopping.stoppedBy()).toBe(reason);
  });

  it('waits for the smallest number of samples, but not for ever', () => {
    const stopping = new Stopping(options);
    stopping.add({ ...wide, samples: 3, elapsedNs: 2000 });
    expect(stopping.stoppedBy()).toBeUndefined();
    stopping.add({ ...wide, samples: 4, elapsedNs: 4000 });
    expect(stopping.stoppedBy()).toBe('time');
  });

  it('collects the requested number of samples, whatever the precision', () => {
    const exact = { ...options, minSamples: 20, maxSamples: 20 };
    const narrow = { ...wide, relativeInterval: 0 };
    const stopping = new Stopping(exact);
    for (const samples of [10, 15]) stopping.add({ ...narrow, samples });
    expect(stopping.stoppedBy()).toBeUndefined();
    stopping.add({ ...narrow, samples: 20, elapsedNs: 5000 });
    expect(stopping.stoppedBy()).toBe('samples');

    const slow = new Stopping(exact);
    slow.add({ ...narrow, samples: 15, elapsedNs: 4000 });
    expect(slow.stoppedBy()).toBe('time');
  });

  it('names precision first if several rules agree', () => {
    const stopping = new Stopping(options);
    const all = { samples: 500, elapsedNs: 1000, relativeInterval: 0, noise: 0 };
    stopping.add(all);
    stopping.add(all);
    expect(stopping.stoppedBy()).toBe('precision');
  });
});

describe('disturbed samples', () => {
  const agreeing: SamplingState = { samples: 80, elapsedNs: 100, relativeInterval: 0, noise: 0 };
  const stoppedAfter = (state: SamplingState) => {
    const stopping = new Stopping(options);
    for (let look = 0; look < 20; look++) stopping.add(state);
    return stopping.stoppedBy();
  };

  it('never stop by precision or noise, however well they agree', () => {
    expect(stoppedAfter(agreeing)).toBe('precision');
    expect(stoppedAfter({ ...agreeing, isDisturbed: true })).toBeUndefined();
    const noisy = { ...agreeing, relativeInterval: 0.3, noise: 0.2 };
    expect(stoppedAfter(noisy)).toBe('noise');
    expect(stoppedAfter({ ...noisy, isDisturbed: true })).toBeUndefined();
  });

  it('stop by their time and their number', () => {
    const isDisturbed = true;
    expect(stoppedAfter({ ...agreeing, isDisturbed, elapsedNs: 1000 })).toBe('time');
    expect(stoppedAfter({ ...agreeing, isDisturbed, samples: 500 })).toBe('samples');
  });
});
