import { describe, expect, it } from 'vitest';
import { combineRuns } from '../../../src/measure/combine-runs.js';
import { optionsOfRun } from '../../../src/measure/measure.js';
import type { MeasureOptions, SampledRun } from '../../../src/measure/types.js';

const options: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 3e9,
  warmupNs: 5e8,
  minSamples: 10,
  maxSamples: 100,
  precision: 0.01,
};

/** A run of constant samples of this time per iteration, 2 iterations each. */
function runOf(medianNs: number, more: Partial<SampledRun> = {}): SampledRun {
  const sample = { iterations: 2, wallNs: 2 * medianNs };
  return {
    iterationsPerSample: 2,
    warmup: [sample],
    warmUpSettled: true,
    samples: [sample, sample, sample, sample],
    blocks: [2, 2],
    stoppedBy: 'precision',
    startNs: 0,
    clockStepNs: 1,
    ...more,
  };
}

function measured(runs: readonly SampledRun[]) {
  const outcome = combineRuns(runs, options);
  if (outcome.state !== 'measured') throw new Error(outcome.state);
  return outcome.measurement;
}

describe('combineRuns', () => {
  it('keeps every sample in order, and which run it belongs to', () => {
    const { samples, blocks, runs, warmup, wall } = measured([runOf(100), runOf(102), runOf(101)]);
    expect(samples.map(({ wallNs }) => wallNs / 2)).toEqual([
      ...[100, 100, 100, 100, 102, 102, 102, 102, 101, 101, 101, 101],
    ]);
    expect(blocks).toEqual([2, 2, 2, 2, 2, 2]);
    expect(warmup).toHaveLength(3);
    expect(runs.map(({ samples, medianNs }) => [samples, medianNs])).toEqual([
      [4, 100],
      [4, 102],
      [4, 101],
    ]);
    expect(wall.median).toBe(101);
  });

  it("has Student's t interval over the logarithms of the runs' medians", () => {
    const { interval } = measured([runOf(100), runOf(102), runOf(101)]).wall;
    const logs = [100, 102, 101].map(Math.log);
    const center = logs.reduce((sum, log) => sum + log, 0) / 3;
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - center) ** 2, 0) / 2);
    const reach = Math.exp((4.3027 * deviation) / Math.sqrt(3));
    expect(interval?.[0]).toBeCloseTo(101 / reach, 6);
    expect(interval?.[1]).toBeCloseTo(101 * reach, 6);
  });

  it('has no interval if a run has too few samples for a median', () => {
    const short = runOf(100, { samples: [{ iterations: 2, wallNs: 200 }], blocks: [1] });
    expect(measured([runOf(100), short]).wall.interval).toBeUndefined();
  });

  it('warns of runs that settle on two speeds, and claims no precision', () => {
    const { warnings, wall } = measured([runOf(100), runOf(240), runOf(101), runOf(238)]);
    const named = warnings.map(({ name }) => name);
    expect(named).toContain('bimodal-runs');
    expect(named).toContain('not-converged');
    expect(named).not.toContain('bimodal');
    const [low, high] = wall.interval ?? [0, 0];
    expect(high / low).toBeGreaterThan(2);
    expect(warnings.find(({ name }) => name === 'bimodal-runs')?.message).toBe(
      'Bimodal across runs: 2 of 4 runs took 2.4x as long as the others.',
    );
  });

  it.each([
    ['ordinary variation', [100, 103, 99]],
    ['runs spread over a range', [100, 120, 140, 160]],
  ])('does not take %s for two speeds', (_, medians) => {
    const names = measured(medians.map((median) => runOf(median))).warnings.map((w) => w.name);
    expect(names).not.toContain('bimodal-runs');
  });

  it('fails with a run that failed, and keeps what was sampled', () => {
    const error = { code: 'device_lost', message: 'Lost.', advice: '', exitCode: 2 } as const;
    const broken = runOf(100, { error, stoppedBy: 'failure', samples: [], blocks: [] });
    const outcome = combineRuns([runOf(100), broken], options);
    expect(outcome.state).toBe('failed');
    expect(outcome.measurement?.runs).toHaveLength(1);
  });

  it('has the sensors of all runs on one time line', () => {
    const telemetry = (joules: number) => ({
      before: { atNs: 0, iterations: 0 },
      blocks: [{ atNs: 50, iterations: 10 }],
      after: { atNs: 60, iterations: 10 },
      energy: { joulesPerIteration: joules, iterations: 10, spanNs: 50 },
      ...(joules > 1 && { rails: { cpu: { joulesPerIteration: 5, iterations: 4, spanNs: 20 } } }),
    });
    const joined = measured([
      runOf(100, { startNs: 1000, telemetry: telemetry(1) }),
      runOf(100, { startNs: 2000, telemetry: telemetry(3) }),
    ]).telemetry;
    expect(joined?.before.atNs).toBe(0);
    expect(joined?.blocks).toEqual([
      { atNs: 50, iterations: 10 },
      { atNs: 1050, iterations: 20 },
    ]);
    expect(joined?.after).toEqual({ atNs: 1060, iterations: 20 });
    expect(joined?.energy).toEqual({ joulesPerIteration: 2, iterations: 20, spanNs: 100 });
    expect(joined?.rails).toEqual({ cpu: { joulesPerIteration: 5, iterations: 4, spanNs: 20 } });
  });
});

it('runs share the time and the samples of the measurement', () => {
  const shares = [0, 1, 2].map((run) => optionsOfRun(options, run, 3));
  expect(shares.map(({ minSamples }) => minSamples)).toEqual([3, 3, 4]);
  expect(shares.map(({ maxSamples }) => maxSamples)).toEqual([33, 33, 34]);
  expect(shares[0]).toMatchObject({ timeBudgetNs: 1e9, warmupNs: 5e8 });
});
