import { describe, expect, it } from 'vitest';
import type { WatchedDevice, WatchedFramework } from '../../../src/result/schema.js';
import { deviceSample } from '../../../src/watch/device-reader.js';
import {
  type Evidence,
  requirementOf,
  secondsText,
  verdictOf,
} from '../../../src/watch/verdict.js';

const device = (own: Partial<WatchedDevice>): WatchedDevice => ({
  ...{ id: 'cuda:0', name: 'GPU', scope: 'processes' as const, ...own },
});

const framework = (own: Partial<WatchedFramework>): WatchedFramework => ({
  ...{
    framework: 'pytorch',
    version: '2.9',
    processes: 1,
    scripts: [],
    interpreters: [],
    wallNs: 1e10,
  },
  ...{ devices: ['cpu'], availableDevices: [], counted: 'all' as const, countedNs: 1e9, steps: 10 },
  ...{ countedSteps: 10, transfers: [], waits: [], notes: [] },
  ops: [{ op: 'mm', device: 'cpu', dtype: 'float32', calls: 1, timeNs: null, fallback: null }],
  ...own,
});

const verdict = (own: Partial<Evidence>) =>
  verdictOf({
    name: 'train.py',
    seconds: 40,
    observed: { fromS: 0.1, toS: own.seconds ?? 40 },
    devices: [],
    frameworks: [],
    ...own,
  });

describe('the verdict', () => {
  it.each([
    ['used', { usedShare: 0.61, held: true }],
    ['used', { usedShare: 0.1, held: true }],
    ['barely-used', { usedShare: 0.03, held: true }],
    ['barely-used', { usedShare: 0, held: true }],
    ['not-used', { usedShare: 0, held: false, busyShare: 0.9 }],
    ['not-used', { scope: 'device', usedShare: 0, busyShare: 0 }],
    ['not-checked', { scope: 'device', usedShare: 0.6, busyShare: 0.6 }],
    ['not-checked', { scope: 'none' }],
  ] as const)('is %s for %o', (state, own) => {
    expect(verdict({ devices: [device(own)] }).state).toBe(state);
  });

  it('names device, share, time and framework', () => {
    const devices = [device({ usedShare: 0.2 }), device({ id: 'cuda:1', usedShare: 0.61 })];
    const frameworks = [framework({ devices: ['cuda:0', 'cpu'] })];
    expect(verdict({ devices, frameworks, seconds: 42.3 }).message).toBe(
      'train.py used the GPU (cuda:1) for 61 % of 42.3 s; PyTorch 2.9.',
    );
  });

  it('says that ops on the GPU took next to no time, if every GPU was read to the end', () => {
    const frameworks = [framework({ devices: ['cuda:0', 'cpu'] })];
    const stalled = [device({ scope: 'alone', usedShare: 0.004, busyShare: 0.004, held: true })];
    expect(verdict({ devices: stalled, frameworks })).toMatchObject({
      ...{ state: 'barely-used', share: 0.004 },
      message: expect.stringContaining('cuda:0 was busy for less than 0.5 % of 40 s'),
    });
    const other = device({ id: 'cuda:1', scope: 'none' });
    expect(verdict({ devices: [...stalled, other], frameworks }).state).toBe('used');
    const lost = { fromS: 0.1, toS: 10 };
    expect(verdict({ devices: stalled, frameworks, observed: lost }).state).toBe('used');
  });

  it('believes a framework that ran ops on a GPU where no counter tells whose work it is', () => {
    const frameworks = [framework({ devices: ['cuda:0'] })];
    const shared = [device({ scope: 'device', usedShare: 0.6, busyShare: 0.6 })];
    expect(verdict({ devices: shared, frameworks })).toMatchObject({
      ...{ state: 'used', evidence: 'ops', device: 'cuda:0' },
      message: expect.stringContaining('cuda:0 was busy 60 % of 40 s (all processes)'),
    });
    const idle = [device({ scope: 'device', usedShare: 0.02, busyShare: 0.02 })];
    expect(verdict({ devices: idle, frameworks }).state).toBe('barely-used');
    expect(verdict({ frameworks })).toMatchObject({ state: 'used', evidence: 'ops' });
  });

  it('is not used where everything that was counted ran on the CPU, with or without sensors', () => {
    expect(verdict({ frameworks: [framework({})] })).toMatchObject({
      ...{ state: 'not-used', evidence: 'ops' },
    });
    expect(verdict({ frameworks: [framework({ counted: 'off', ops: [] })] }).state).toBe(
      'not-checked',
    );
  });

  it('takes no zero from a counter that had no time, or from a sampler that ended', () => {
    const devices = [device({ usedShare: 0, held: false })];
    expect(verdict({ devices, seconds: 0.3 }).state).toBe('not-checked');
    expect(
      verdict({ devices, seconds: 40, observed: { fromS: 0.1, toS: 3 }, problem: 'It crashed.' }),
    ).toMatchObject({
      ...{ state: 'not-checked', message: expect.stringContaining('It crashed.') },
    });
    expect(verdict({ devices: [device({ usedShare: 0.9 })], seconds: 0.3 }).state).toBe('used');
  });
});

describe('--require-gpu', () => {
  const required = (devices: WatchedDevice[], own: Partial<Evidence> = {}) =>
    requirementOf(0.2, verdict({ devices, ...own }), devices).state;

  it('is met, missed, or cannot be known', () => {
    expect(required([device({ usedShare: 0.3 })])).toBe('met');
    expect(required([device({ usedShare: 0.1 })])).toBe('missed');
    expect(required([device({ usedShare: 0, held: false })])).toBe('missed');
    expect(required([device({ scope: 'device', usedShare: 0.9, busyShare: 0.9 })])).toBe(
      'unchecked',
    );
    expect(required([])).toBe('unchecked');
  });

  it('is missed where all processes together used less', () => {
    const frameworks = [framework({ devices: ['cuda:0'] })];
    const busy = (share: number) => [
      device({ scope: 'device', usedShare: share, busyShare: share }),
    ];
    expect(required(busy(0.15), { frameworks })).toBe('missed');
    expect(required(busy(0.5), { frameworks })).toBe('unchecked');
  });
});

describe('what a reading says of the watched processes', () => {
  const watched = new Set([7]);
  const of = (processes: { pid: number; utilisation?: number }[], pidsAreOurs = true) =>
    deviceSample({ utilisation: 0.8, processes }, watched, pidsAreOurs);

  it('is the utilisation of the device where nobody else is there', () => {
    expect(of([{ pid: 7 }])).toMatchObject({ used: 0.8, usedBy: 'alone', held: true, others: 0 });
  });

  it('is their part where the driver counts by process, and unknown where it does not', () => {
    const shared = of([
      { pid: 7, utilisation: 0.3 },
      { pid: 8, utilisation: 0.5 },
    ]);
    expect(shared).toMatchObject({ used: 0.3, usedBy: 'processes', others: 1 });
    expect(of([{ pid: 7 }, { pid: 8 }])).not.toHaveProperty('used');
  });

  it('is nothing where they are not on it, and unknown where ids of processes mean nothing', () => {
    expect(of([{ pid: 8 }])).toMatchObject({ used: 0, held: false });
    expect(of([{ pid: 8 }], false)).toEqual({ busy: 0.8 });
  });
});

describe('times', () => {
  it.each([
    [0.23, '0.2 s'],
    [42.34, '42.3 s'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
  ])('%f s are %s', (seconds, text) => expect(secondsText(seconds)).toBe(text));
});
