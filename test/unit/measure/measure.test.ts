import { describe, expect, it } from 'vitest';
import { MpsbenchError } from '../../../src/errors.js';
import { compare } from '../../../src/measure/compare.js';
import { measure } from '../../../src/measure/measure.js';
import { seededRandom } from '../../../src/measure/resampling-random.js';
import type { BlockRequest, MeasureOptions, MeasureProgress } from '../../../src/measure/types.js';
import { type LoggedBlock, ScriptedClock, ScriptedSubject } from '../../fakes/scripted-subject.js';
import { gaussian } from '../../fakes/series.js';

const MS = 1e6;

const options: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 2000 * MS,
  warmupNs: 500 * MS,
  minSamples: 10,
  maxSamples: 10_000,
  precision: 0.01,
};

describe('measure', () => {
  it('measures a constant subject exactly and stops by precision', async () => {
    const clock = new ScriptedClock();
    const subject = new ScriptedSubject('cpu:0', clock, {
      wallNs: () => 2 * MS,
      deviceNs: () => 1.5 * MS,
    });
    const outcome = (await measure([subject], options, { clock })).get('cpu:0');
    if (outcome?.state !== 'measured') throw new Error('not measured');
    const { wall, device, stoppedBy, warnings, blocks, iterationsPerSample } = outcome.measurement;
    expect(wall).toMatchObject({ median: 2 * MS, noise: 0 });
    expect(wall?.interval).toEqual([2 * MS, 2 * MS]);
    expect(device?.median).toBe(1.5 * MS);
    expect(stoppedBy).toBe('precision');
    expect(warnings).toEqual([]);
    expect(iterationsPerSample).toBe(25);
    expect(blocks.reduce((sum, length) => sum + length, 0)).toBe(wall.samples);
    expect(wall.samples).toBeGreaterThanOrEqual(10);
  });

  it('alternates the blocks of its subjects, and warms up again after each pause', async () => {
    const clock = new ScriptedClock();
    const log: LoggedBlock[] = [];
    const random = seededRandom(5);
    const script = { wallNs: () => MS * (1 + 0.5 * random()) };
    const subjects = ['a:0', 'b:0'].map((id) => new ScriptedSubject(id, clock, script, log));
    const outcomes = await measure(subjects, { ...options, precision: 0 }, { clock });
    expect([...outcomes.keys()]).toEqual(['a:0', 'b:0']);

    const sampling = log.slice(log.findLastIndex(({ iterations }) => iterations === 1) + 1);
    const order = sampling.map(({ subject }) => subject).filter((id, i, ids) => id !== ids[i - 1]);
    expect(order.length).toBeGreaterThan(10);
    for (let i = 1; i < order.length; i++) expect(order[i]).not.toBe(order[i - 1]);
    for (const outcome of outcomes.values()) {
      expect(outcome.state).toBe('measured');
      const { measurement } = outcome;
      expect(measurement?.blocks.length).toBeGreaterThanOrEqual(8);
      // Once before each block that follows a block of the other subject.
      expect(measurement?.warmup.length).toBeGreaterThan(measurement?.blocks.length ?? 0);
    }
  });

  it('runs a subject that is alone without warming it up again', async () => {
    const clock = new ScriptedClock();
    const log: LoggedBlock[] = [];
    const subject = new ScriptedSubject('a:0', clock, { wallNs: () => 6 * MS }, log);
    const outcome = (await measure([subject], options, { clock })).get('a:0');
    expect(outcome?.measurement?.blocks).toEqual(
      log.slice(-(outcome?.measurement?.blocks.length ?? 0)).map(({ samples }) => samples),
    );
  });

  it('keeps the samples of a subject that fails, and continues with the others', async () => {
    const clock = new ScriptedClock();
    const failing = new ScriptedSubject('bad:0', clock, {
      wallNs: (i) => MS * (1 + (i % 7) / 10),
      beforeBlock: (block) => {
        if (clock.nowNs() > 4000 * MS && block > 12) {
          throw new MpsbenchError('device_lost', 'The device was lost.', 'Update the driver.');
        }
        return undefined;
      },
    });
    const sound = new ScriptedSubject('good:0', clock, { wallNs: (i) => MS * (1 + (i % 7) / 10) });
    const outcomes = await measure([failing, sound], { ...options, precision: 0 }, { clock });
    const bad = outcomes.get('bad:0');
    expect(bad).toMatchObject({
      state: 'failed',
      error: { code: 'device_lost', message: 'The device was lost.', advice: 'Update the driver.' },
    });
    expect(bad?.measurement?.stoppedBy).toBe('failure');
    expect(bad?.measurement?.samples.length).toBeGreaterThan(0);
    expect(outcomes.get('good:0')?.state).toBe('measured');
  });

  it('reports a subject that fails at once without a measurement', async () => {
    const clock = new ScriptedClock();
    const subject = new ScriptedSubject('bad:0', clock, {
      wallNs: () => MS,
      beforeBlock: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    const outcome = (await measure([subject], options, { clock })).get('bad:0');
    expect(outcome).toMatchObject({ state: 'failed', error: { code: 'internal' } });
    expect(outcome?.measurement).toBeUndefined();
  });

  it('returns what was measured when it is interrupted', async () => {
    const clock = new ScriptedClock();
    const abort = new AbortController();
    const subject = new ScriptedSubject('a:0', clock, {
      wallNs: (i) => MS * (1 + (i % 7) / 10),
      beforeBlock: () => {
        if (clock.nowNs() > 3000 * MS) abort.abort();
        return undefined;
      },
    });
    const other = new ScriptedSubject('b:0', clock, { wallNs: (i) => MS * (1 + (i % 5) / 10) });
    const env = { clock, signal: abort.signal };
    const outcomes = await measure([subject, other], { ...options, precision: 0 }, env);
    expect(outcomes.get('a:0')).toMatchObject({
      state: 'interrupted',
      error: { code: 'interrupted' },
      measurement: { stoppedBy: 'interrupt' },
    });
    expect(outcomes.get('b:0')?.state).toBe('interrupted');
  });

  it('does not wait for a subject that hangs when it is interrupted', async () => {
    const clock = new ScriptedClock();
    const abort = new AbortController();
    const hanging = {
      id: 'a:0',
      run: () => {
        abort.abort();
        return new Promise<never>(() => {});
      },
    };
    const outcomes = await measure([hanging], options, { clock, signal: abort.signal });
    expect(outcomes.get('a:0')).toEqual({
      state: 'interrupted',
      error: expect.objectContaining({ code: 'interrupted' }),
    });
  });

  it('uses one iteration per sample if that is longer than the budget', async () => {
    const clock = new ScriptedClock();
    const subject = new ScriptedSubject('slow:0', clock, { wallNs: () => 3000 * MS });
    const outcome = (await measure([subject], options, { clock })).get('slow:0');
    expect(outcome?.measurement).toMatchObject({ iterationsPerSample: 1, stoppedBy: 'time' });
    expect(outcome?.measurement?.warmup).toHaveLength(1);
    expect(outcome?.measurement?.samples).toHaveLength(3);
    expect(outcome?.measurement?.warnings.map(({ name }) => name)).toEqual(['few-samples']);
  });

  it('accepts fewer samples than requested, and never exceeds the limit', async () => {
    const clock = new ScriptedClock();
    const random = seededRandom(3);
    const subject = new ScriptedSubject('a:0', clock, {
      wallNs: () => 5 * MS * (1 + random()),
      beforeBlock: () => 2,
    });
    const limited = { ...options, precision: 0, maxSamples: 25 };
    const { measurement } = (await measure([subject], limited, { clock })).get('a:0') ?? {};
    expect(measurement?.samples).toHaveLength(25);
    expect(measurement?.stoppedBy).toBe('samples');
    expect(measurement?.blocks.at(0)).toBe(2);
  });

  it('accepts nothing invalid as a time', async () => {
    const clock = new ScriptedClock();
    const subject = new ScriptedSubject('nan:0', clock, { wallNs: () => Number.NaN });
    const outcome = (await measure([subject], options, { clock })).get('nan:0');
    expect(outcome).toMatchObject({ state: 'failed', error: { code: 'implausible' } });
  });

  it('stops a subject whose times contradict the clock', async () => {
    const clock = new ScriptedClock();
    // Each block takes a second, and says that it took a microsecond.
    const lying = {
      id: 'lies:0',
      run: async ({ iterations }: BlockRequest) => {
        clock.advance(1e9);
        return [{ iterations, wallNs: 1000 }];
      },
    };
    const outcome = (await measure([lying], options, { clock })).get('lies:0');
    expect(outcome?.state).toBe('measured');
    expect(clock.nowNs()).toBeLessThan(60e9);
  });

  it('stops a subject that would never have enough samples, by an overall limit', async () => {
    const clock = new ScriptedClock();
    // The clock of the budget is told that all of the time was suspended.
    const lying = {
      id: 'lies:0',
      run: async ({ iterations }: BlockRequest) => {
        clock.advance(1e9);
        return [{ iterations, wallNs: 1000, activity: { cpuNs: 0, suspendedNs: 1e12 } }];
      },
    };
    const endless = { ...options, minSamples: 1e6, maxSamples: 1e6 };
    const outcome = (await measure([lying], endless, { clock })).get('lies:0');
    expect(outcome).toMatchObject({
      state: 'failed',
      error: { code: 'implausible', message: expect.stringContaining('did not come to an end') },
    });
    expect(clock.nowNs()).toBeLessThan(300e9);
  });

  it('reports progress with the width of the interval', async () => {
    const clock = new ScriptedClock();
    const seen: MeasureProgress[] = [];
    const subject = new ScriptedSubject('a:0', clock, { wallNs: () => 2 * MS });
    await measure([subject], options, { clock, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ subject: 'a:0', phase: 'warm-up', samples: 0 });
    expect(seen.at(-1)).toMatchObject({ phase: 'sampling', relativeInterval: 0 });
  });

  it('gives intervals that contain the true ratio, whatever rule stopped it', async () => {
    const RUNS = 60;
    let inside = 0;
    for (let run = 0; run < RUNS; run++) {
      const clock = new ScriptedClock();
      const random = seededRandom(run);
      // The level of the machine changes every 80 ms, as other programs come and go.
      const levels = Array.from({ length: 400 }, () => 1 + 0.01 * gaussian(random));
      const level = (nowNs: number) => levels[Math.floor(nowNs / (80 * MS)) % levels.length];
      const script = (medianNs: number) => ({
        wallNs: (_: number, nowNs: number) => {
          return medianNs * level(nowNs) * (1 + 0.01 * gaussian(random));
        },
      });
      const baseline = new ScriptedSubject('a:0', clock, script(6 * MS));
      const subject = new ScriptedSubject('b:0', clock, script(3 * MS));
      const outcomes = await measure([baseline, subject], options, { clock });
      const [a, b] = ['a:0', 'b:0'].map((id) => outcomes.get(id)?.measurement);
      const { interval = [0, 0] } = (a && b && compare(a, b)) ?? {};
      if (interval[0] <= 2 && 2 <= interval[1]) inside++;
    }
    expect(inside / RUNS).toBeGreaterThanOrEqual(0.9);
  });
});
