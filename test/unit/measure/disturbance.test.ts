import { describe, expect, it } from 'vitest';
import type { CounterReading } from '../../../src/host/kernel-counters.js';
import {
  activityBetween,
  disturbanceOf,
  labelled,
  sleepBetween,
} from '../../../src/measure/disturbance.js';
import { disturbanceText } from '../../../src/measure/disturbance-text.js';
import type { Activity, Sample } from '../../../src/result/schema.js';

const MS = 1e6;
const WALL = 40 * MS;

const start: CounterReading = {
  atNs: 0,
  cpuNs: 100 * MS,
  preemptions: 3,
  waitNs: new Map([
    ['self/1', 5 * MS],
    ['self/2', 7 * MS],
  ]),
  busyNs: 1000 * MS,
  stolenNs: 20 * MS,
  throttledNs: 0,
  bootNs: 0,
};

/** A reading 40 ms later. */
const later = (more: Partial<CounterReading>): CounterReading => ({
  ...start,
  atNs: WALL,
  bootNs: WALL,
  ...more,
});

const waits = (first: number, second: number) =>
  new Map([
    ['self/1', 5 * MS + first],
    ['self/2', 7 * MS + second],
  ]);

describe('activityBetween', () => {
  it('is the CPU time alone on a quiet machine', () => {
    const after = later({ cpuNs: 180 * MS, busyNs: 1080 * MS });
    expect(activityBetween(start, after, true)).toEqual({ spanNs: WALL, cpuNs: 80 * MS });
  });

  it('counts the thread that waited longest: what waits for it waits as long', () => {
    const after = later({
      cpuNs: 120 * MS,
      waitNs: waits(10 * MS, 25 * MS),
      preemptions: 9,
      busyNs: 1080 * MS,
      stolenNs: 30 * MS,
      throttledNs: 4 * MS,
    });
    expect(activityBetween(start, after, true)).toEqual({
      spanNs: WALL,
      cpuNs: 20 * MS,
      waitedNs: 25 * MS,
      preemptions: 6,
      otherNs: 60 * MS,
      stolenNs: 10 * MS,
      throttledNs: 4 * MS,
    });
  });

  it('counts a thread that was started meanwhile, and forgets one that ended', () => {
    const after = later({ cpuNs: 130 * MS, waitNs: new Map([['self/3', 11 * MS]]) });
    expect(activityBetween(start, after, true).waitedNs).toBe(11 * MS);
  });

  it('is idle if no thread ran or was ready, only on a device that computes on the CPU', () => {
    const after = later({ cpuNs: 110 * MS, waitNs: waits(2 * MS, 0) });
    expect(activityBetween(start, after, true).idleNs).toBe(28 * MS);
    expect(activityBetween(start, after, false).idleNs).toBeUndefined();
  });

  it('never waits for longer than the sample lasted', () => {
    const after = later({ waitNs: waits(90 * MS, 0) });
    expect(activityBetween(start, after, false).waitedNs).toBe(WALL);
  });
});

describe('sleepBetween', () => {
  it('is what the boot clock counts beyond the monotonic clock', () => {
    expect(sleepBetween(start, later({ bootNs: 30_000 * MS }))).toBe(29_960 * MS);
    // The resolution of /proc/uptime is 10 ms.
    expect(sleepBetween(start, later({ bootNs: WALL + 10 * MS }))).toBe(0);
    expect(sleepBetween(start, later({ bootNs: undefined }))).toBe(0);
  });
});

describe('labelled', () => {
  const sample: Sample = { iterations: 10, wallNs: WALL };
  const labels = (activity: Partial<Activity>) =>
    labelled(sample, { cpuNs: WALL, ...activity }).disturbed;

  it('labels what exceeds a quiet machine', () => {
    expect(labels({})).toBeUndefined();
    expect(labels({ waitedNs: 0.02 * WALL, preemptions: 40, otherNs: WALL })).toBeUndefined();
    expect(labels({ waitedNs: 0.5 * WALL })).toEqual(['off-cpu']);
    expect(labels({ idleNs: 0.5 * WALL })).toEqual(['off-cpu']);
    expect(labels({ stolenNs: 10 * MS, throttledNs: 10 * MS })).toEqual(['stolen', 'throttled']);
    expect(labels({ suspendedNs: 5000 * MS })).toEqual(['suspended']);
  });

  it('counts a host without a CPU as a disturbance of a GPU, whatever its clock says', () => {
    const activity = { cpuNs: WALL / 2, waitedNs: WALL / 2 };
    expect(labelled({ ...sample, deviceNs: WALL }, activity).disturbed).toEqual(['off-cpu']);
  });

  it('keeps the activity of a sample that was not disturbed', () => {
    expect(labelled(sample, { cpuNs: 7 })).toEqual({ ...sample, activity: { cpuNs: 7 } });
  });
});

/** Ten samples of 40 ms, the first `disturbed` of them with this activity, the others quiet. */
function series(disturbed: number, activity: Partial<Activity>): Sample[] {
  return Array.from({ length: 10 }, (_, i) => {
    const quiet: Activity = { cpuNs: 2 * WALL, otherNs: 0.01 * WALL };
    return labelled(
      { iterations: 10, wallNs: WALL },
      i < disturbed ? { ...quiet, ...activity } : quiet,
    );
  });
}

const busy = { cpuNs: 0.5 * WALL, waitedNs: 0.62 * WALL, otherNs: 1.5 * WALL };

describe('disturbanceOf', () => {
  it('is unknown without counters', () => {
    expect(disturbanceOf([{ iterations: 1, wallNs: WALL }], true)).toBeUndefined();
    expect(disturbanceOf([], true)).toBeUndefined();
  });

  it('finds a quiet measurement reliable, and one of few samples too', () => {
    expect(disturbanceOf(series(0, {}), true, 2)).toMatchObject({ samples: 0, unreliable: false });
    expect(disturbanceOf(series(0, {}).slice(0, 1), true, 2)?.unreliable).toBe(false);
  });

  it('computes shares of the time between the readings, which is longer than the sample', () => {
    const slow = { ...busy, spanNs: 2 * WALL, waitedNs: 1.2 * WALL, otherNs: 3 * WALL };
    const found = disturbanceOf(series(10, slow), true, 2);
    expect(found?.offCpu).toBeCloseTo(0.6);
    expect(found?.otherCpus).toBeCloseTo(1.5);
  });

  it('does not find a measurement unreliable for one disturbed sample of ten', () => {
    const one = disturbanceOf(series(1, { ...busy, waitedNs: 0.3 * WALL }), true, 2);
    expect(one).toMatchObject({ samples: 1, unreliable: false });
  });

  it.each([1, 6, 10])('needs no number of samples: %i', (count) => {
    const found = disturbanceOf(series(10, busy).slice(0, count), true, 2);
    expect(found).toMatchObject({ samples: count, unreliable: true });
    expect(disturbanceText(found)).toBe('off the CPU 62 % of the time');
  });

  it('distinguishes threads waiting for each other from threads waiting for other programs', () => {
    const own = { waitedNs: 0.6 * WALL, otherNs: 0.01 * WALL };
    const found = disturbanceOf(series(10, own), true, 2);
    expect(found).toMatchObject({ samples: 10, unreliable: false });
    expect(found?.offCpu).toBeCloseTo(0.01);
  });

  it('names the quota or the hypervisor if they are the cause', () => {
    const paused = { waitedNs: 0.5 * WALL, throttledNs: 0.5 * WALL };
    expect(disturbanceText(disturbanceOf(series(10, paused), true, 2))).toBe(
      'paused by the CPU quota 50 % of the time',
    );
    const stolen = { stolenNs: 0.3 * WALL };
    expect(disturbanceText(disturbanceOf(series(10, stolen), true, 2))).toBe(
      'stopped by the hypervisor 30 % of the time',
    );
  });

  it('finds a full machine unreliable even if no thread had to wait: caches and clocks are shared', () => {
    const beside = { cpuNs: WALL, otherNs: WALL };
    const found = disturbanceOf(series(10, beside), true, 2);
    expect(found?.unreliable).toBe(true);
    expect(disturbanceText(found)).toBe('other programs used 1.0 CPUs, mpsbench 1.0 CPUs');
    // With CPUs to spare, and on a GPU, they do no harm.
    expect(disturbanceOf(series(10, beside), true, 8)?.unreliable).toBe(false);
    expect(disturbanceOf(series(10, beside), false, 2)?.unreliable).toBe(false);
  });

  it('does not blame a stopped process: those samples were repeated', () => {
    const found = disturbanceOf(series(10, { suspendedNs: 5000 * MS }), true, 2);
    expect(found).toMatchObject({ samples: 0, suspendedNs: 50_000 * MS, unreliable: false });
    expect(disturbanceText(found)).toBeUndefined();
  });
});
