import { describe, expect, it } from 'vitest';
import { calibrate, iterationsFor, targetSampleNs } from '../../../src/measure/calibrate.js';
import { measureClock } from '../../../src/measure/clock.js';
import type { MeasureOptions } from '../../../src/measure/types.js';
import type { Sample } from '../../../src/result/schema.js';

const MS = 1e6;
const options: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 3000 * MS,
  warmupNs: 500 * MS,
  minSamples: 10,
  maxSamples: 1000,
  precision: 0.01,
};

describe('targetSampleNs', () => {
  const quick = { readNs: 40, stepNs: 1 };

  it('is long enough for one wait to be a small part of a group', () => {
    expect(targetSampleNs(options, quick)).toBe(50 * MS);
    expect(targetSampleNs({ ...options, mode: 'latency' }, quick)).toBe(20 * MS);
  });

  it('keeps the cost and the steps of every clock below 0.1 %', () => {
    expect(targetSampleNs(options, { readNs: 40_000, stepNs: 1 })).toBe(80 * MS);
    expect(targetSampleNs(options, { readNs: 40, stepNs: 80_000 })).toBe(80 * MS);
    expect(targetSampleNs(options, quick, 65_536)).toBe(65_536_000);
  });

  it('leaves time for the smallest number of samples', () => {
    expect(targetSampleNs({ ...options, timeBudgetNs: 100 * MS }, quick, 100_000)).toBe(10 * MS);
  });
});

describe('iterationsFor', () => {
  it.each([
    [MS, 5 * MS, 5],
    [1.1 * MS, 5 * MS, 5],
    [10_000 * MS, 5 * MS, 1],
    [0, 5 * MS, 2 ** 20],
  ])('fits iterations of %f ns into %f ns', (iterationNs, sampleNs, expected) => {
    expect(iterationsFor(iterationNs, sampleNs)).toBe(expected);
  });
});

describe('calibrate', () => {
  const scripted = (iterationNs: number, firstNs = iterationNs) => {
    const asked: number[] = [];
    const run = async (iterations: number): Promise<Sample> => {
      asked.push(iterations);
      return { iterations, wallNs: asked.length === 1 ? firstNs : iterationNs * iterations };
    };
    return { asked, run };
  };

  it('grows its trials until one is as long as a sample', async () => {
    const { asked, run } = scripted(1000);
    const calibration = await calibrate(run, 5 * MS, 500 * MS);
    expect(asked).toEqual([1, 1, 16, 256, 4096, 8192]);
    expect(calibration).toMatchObject({ iterationsPerSample: 5000, iterationNs: 1000 });
    expect(calibration.trials).toHaveLength(6);
  });

  it('does not believe the first run', async () => {
    const { asked, run } = scripted(MS, 80 * MS);
    expect(await calibrate(run, 5 * MS, 500 * MS)).toMatchObject({ iterationsPerSample: 5 });
    expect(asked).toEqual([1, 1, 5]);
  });

  it('tries a slow iteration only once', async () => {
    const { asked, run } = scripted(30_000 * MS);
    expect(await calibrate(run, 5 * MS, 500 * MS)).toMatchObject({ iterationsPerSample: 1 });
    expect(asked).toEqual([1]);
  });

  it('ends if the clock does not advance', async () => {
    const { asked, run } = scripted(0);
    await expect(calibrate(run, 5 * MS, 500 * MS)).rejects.toMatchObject({
      code: 'implausible',
      message: 'The clock saw no time at all in 1,048,576 iterations.',
    });
    expect(asked.at(-1)).toBe(2 ** 20);
  });
});

describe('measureClock', () => {
  it('finds the cost and the step of a scripted clock', () => {
    let readings = 0;
    // Each reading takes 25 ns, and the clock shows multiples of 100 ns.
    const nowNs = () => Math.floor((25 * readings++) / 100) * 100;
    expect(measureClock({ nowNs })).toEqual({ readNs: 25, stepNs: 100 });
  });

  it('copes with a clock that does not move', () => {
    expect(measureClock({ nowNs: () => 5 })).toEqual({ readNs: 0, stepNs: 0 });
  });
});
