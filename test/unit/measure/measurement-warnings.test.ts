import { describe, expect, it } from 'vitest';
import { type WarningFacts, warningsOf } from '../../../src/measure/measurement-warnings.js';
import { modesOf } from '../../../src/measure/modes.js';
import { seededRandom } from '../../../src/measure/resampling-random.js';
import { summarise } from '../../../src/measure/summary.js';
import { trendOf } from '../../../src/measure/trend.js';
import type { MeasureOptions } from '../../../src/measure/types.js';
import type { Disturbance, Run, StoppedBy } from '../../../src/result/schema.js';
import { gaussian } from '../../fakes/series.js';

const options: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 2e9,
  warmupNs: 5e8,
  minSamples: 10,
  maxSamples: 10_000,
  precision: 0.01,
};
const facts: WarningFacts = { options, warmUpSettled: true, clockStepNs: 20 };

/** The names of the warnings about a series of 20 blocks, with its device times if there are any. */
function warningsFor(
  wallNs: readonly number[],
  more: Partial<WarningFacts> & {
    stoppedBy?: StoppedBy;
    deviceNs?: readonly number[];
    runs?: readonly Run[];
    disturbance?: Disturbance;
  } = {},
) {
  const { stoppedBy = 'precision', deviceNs, runs, disturbance, ...otherFacts } = more;
  const blocks = Array.from({ length: 20 }, (_, i) => {
    return Math.floor(((i + 1) * wallNs.length) / 20) - Math.floor((i * wallNs.length) / 20);
  }).filter((length) => length > 0);
  const samples = wallNs.map((wall, i) => {
    return { iterations: 1, wallNs: wall, ...(deviceNs && { deviceNs: deviceNs[i] }) };
  });
  const measurement = {
    iterationsPerSample: 1,
    warmup: [],
    samples,
    blocks,
    runs: runs ?? [{ samples: samples.length, medianNs: 1e6, stoppedBy }],
    wall: summarise(wallNs, blocks),
    ...(deviceNs && { device: summarise(deviceNs, blocks) }),
    ...(disturbance && { disturbance }),
    stoppedBy,
  };
  return warningsOf(measurement, { ...facts, ...otherFacts });
}

const namesFor = (...args: Parameters<typeof warningsFor>) => {
  return warningsFor(...args).map(({ name }) => name);
};

function series(next: (random: () => number, i: number) => number, samples = 400): number[] {
  const random = seededRandom(17);
  return Array.from({ length: samples }, (_, i) => next(random, i));
}

const quiet = series((random) => 1e6 * (1 + 0.003 * gaussian(random)));

const calm: Disturbance = {
  samples: 0,
  offCpu: 0.001,
  ownCpus: 2,
  otherCpus: 0.01,
  stolen: 0,
  throttled: 0,
  suspendedNs: 0,
  unreliable: false,
};

describe('warningsOf', () => {
  it('names what disturbed a measurement, whatever the number of samples', () => {
    expect(namesFor(quiet, { disturbance: calm })).toEqual([]);
    const busy = { ...calm, samples: 397, offCpu: 0.62, otherCpus: 1.93, unreliable: true };
    expect(warningsFor(quiet, { disturbance: busy })).toEqual([
      {
        name: 'disturbed',
        message:
          'Disturbed: off the CPU 62 % of the time (397 samples), so the time is not that of a quiet machine. Other programs used 1.9 CPUs.',
        advice:
          'Close other programs, raise CPU limits or use fewer threads (--threads), and repeat.',
      },
    ]);
    const short = new Array(6).fill(1e6);
    expect(namesFor(short, { disturbance: busy })).toContain('disturbed');
  });

  it('says that the process was stopped', () => {
    const [warning, ...others] = warningsFor(quiet, {
      disturbance: { ...calm, suspendedNs: 5.04e9 },
    });
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ name: 'suspended' });
    expect(warning.message).toContain('for about 5.0 s');
  });

  it('says nothing about constant and quiet series', () => {
    expect(namesFor(new Array(400).fill(1e6))).toEqual([]);
    expect(namesFor(quiet)).toEqual([]);
  });

  it('sees a drift, in both directions, with advice of its own', () => {
    const rising = series((random, i) => 1e6 * (1 + i / 4000 + 0.003 * gaussian(random)));
    const [drift, ...others] = warningsFor(rising);
    expect(others).toEqual([]);
    expect(drift.message).toBe('Timings drifted 9.1 % slower during the measurement.');
    expect(drift.advice).toContain('cool down');
    const [falling] = warningsFor(rising.toReversed());
    expect(falling.message).toBe('Timings drifted 9.1 % faster during the measurement.');
    expect(falling.advice).toContain('--warmup');
  });

  it('does not warn of a clear but tiny drift', () => {
    const rising = series((random, i) => 1e6 * (1 + i / 40_000 + 0.0003 * gaussian(random)));
    expect(namesFor(rising)).toEqual([]);
  });

  it('sees two modes, and how many samples are in the slower one', () => {
    const bimodal = series((random) => {
      return 1e6 * ((random() < 0.3 ? 1.2 : 1) + 0.005 * gaussian(random));
    });
    const found = warningsFor(bimodal).find(({ name }) => name === 'bimodal');
    expect(found?.message).toMatch(/two groups 20 % apart \((2[5-9]|3[0-5]) % in the slower/);
  });

  it('sees many outliers, and not a few', () => {
    const heavy = series((random, i) => quiet[i] * (random() < 0.1 ? 1 + 3 * random() : 1));
    expect(namesFor(heavy)).toContain('outliers');
    expect(namesFor(heavy)).not.toContain('bimodal');
    const few = series((random, i) => quiet[i] * (random() < 0.01 ? 4 : 1));
    expect(namesFor(few)).toEqual([]);
  });

  it('sees a coarse device clock, whether its step is known or only seen', () => {
    const deviceNs = quiet.map((ns) => Math.round(ns / 100_000) * 100_000);
    expect(namesFor(quiet, { deviceNs, deviceResolutionNs: 100_000 })).toEqual(['coarse-clock']);
    const stepped = series((random) => 65_536 * Math.round(15 + 2 * random()));
    expect(namesFor(quiet, { deviceNs: stepped })).toEqual(['coarse-clock']);
    expect(namesFor(quiet, { deviceNs: quiet, deviceResolutionNs: 32 })).toEqual([]);
  });

  it("sees a coarse host's clock", () => {
    const [warning] = warningsFor(quiet, { clockStepNs: 1e5 });
    expect(warning.message).toBe("One step of the host's clock is 10 % of a sample.");
  });

  it('distinguishes what more time would help and what it would not', () => {
    const noisy = series((random) => 1e6 * (1 + 0.5 * random()), 100);
    expect(namesFor(noisy, { stoppedBy: 'time' })).toEqual(['not-converged']);
    expect(namesFor(noisy, { stoppedBy: 'noise' })).toEqual(['noisy']);
    expect(namesFor(noisy, { stoppedBy: 'interrupt' })).toEqual([]);
  });

  it('sees too few samples and a warm-up that did not settle', () => {
    const few = warningsFor([1e6, 2e6, 3e6], { stoppedBy: 'time' });
    expect(few.map(({ name }) => name)).toEqual(['few-samples']);
    expect(few[0].message).toBe(
      'Only 3 of at least 10 samples were collected: a median of fewer than 6 has no 95 % interval.',
    );
    const [rough] = warningsFor(new Array(8).fill(1e6), { stoppedBy: 'time' });
    expect(rough.message).toBe(
      'Only 8 of at least 10 samples were collected, so the interval is rough.',
    );
    expect(namesFor(quiet, { warmUpSettled: false })).toEqual(['unsettled']);
  });

  it('gives advice with every warning', () => {
    const all = warningsFor([1e6, 3e6, 1e6, 3e6, 1e6, 3e6, 1e6, 3e6], {
      warmUpSettled: false,
      clockStepNs: 1e6,
      stoppedBy: 'time',
    });
    expect(all.length).toBeGreaterThanOrEqual(4);
    for (const { advice, message } of all) {
      expect(message).toMatch(/\.$/);
      expect(advice).toMatch(/\.$/);
    }
  });
});

describe('modesOf', () => {
  it.each<[string, (random: () => number, i: number) => number]>([
    ['normal', (random) => 100 + 10 * gaussian(random)],
    ['uniform', (random) => 100 + 50 * random()],
    ['exponential', (random) => 100 - 20 * Math.log(1 - random())],
    ['drifting', (random, i) => 100 + i / 10 + random()],
    ['constant', () => 100],
  ])('sees one mode in a %s series', (_, next) => {
    expect(modesOf(series(next))).toBeUndefined();
  });

  it('sees two constant modes', () => {
    expect(modesOf(series((_, i) => (i % 2 === 0 ? 100 : 150)))).toEqual({
      low: 100,
      high: 150,
      highShare: 0.5,
    });
  });
});

describe('trendOf', () => {
  it('is not fooled by an outlier at the end', () => {
    const values = [...quiet.slice(0, 380), ...quiet.slice(380).map((ns) => 3 * ns)];
    expect(trendOf(values, new Array(20).fill(20))?.significant).toBe(false);
  });

  it('says nothing about few blocks', () => {
    expect(trendOf([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])).toBeUndefined();
  });
});
