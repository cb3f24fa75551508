import { describe, expect, it } from 'vitest';
import { expectationOf, expectationWarnings } from '../../../src/bench/expectation.js';
import type { Conditions, DeviceInfo, Row } from '../../../src/result/schema.js';
import { gpuBench } from '../../fakes/results.js';

const GIB = 2 ** 30;

function chip(name: string, peak: { gbPerS?: number; f32?: number }): DeviceInfo {
  return {
    id: 'metal:0',
    backend: 'metal',
    name,
    kind: 'integrated',
    gpuCores: 10,
    dtypes: ['f32'],
    peak: { gbPerS: peak.gbPerS, gflops: peak.f32 ? { f32: peak.f32 } : {}, source: 'a test' },
    details: {},
  };
}

const base: Row = { ...gpuBench.rows[0], device: 'metal:0', tf32: undefined };

const streaming = (gbPerS: number): Row => ({
  ...base,
  workload: 'add',
  placement: [{ ...base.placement[0], kind: 'add', placed: 'metal:0' }],
  work: { flops: GIB / 4, bytes: 3 * GIB, items: 1, itemUnit: 'additions' },
  rates: { clock: 'device', itemsPerS: 1, gflops: 1, gbPerS },
});

const matmul = (gflops: number): Row => ({
  ...base,
  workload: 'linear',
  placement: [{ ...base.placement[0], kind: 'matmul', placed: 'metal:0' }],
  work: { flops: 4e11, bytes: 2e8, items: 1, itemUnit: 'rows' },
  rates: { clock: 'device', itemsPerS: 1, gflops, gbPerS: 1 },
});

const mains: Conditions = { at: '2026-01-01T00:00:00Z', powerSource: 'mains' };
const judge = (row: Row, device: DeviceInfo, conditions: Conditions = mains) =>
  expectationOf(row, device, [conditions]);

describe('what others measured is normal', () => {
  it.each([
    ['Apple M1', 58, 68.25],
    ['Apple M1 Pro', 178, 200],
    ['Apple M1 Max', 339, 400],
    ['Apple M1 Ultra', 613, 800],
    ['Apple M2', 90, 100],
    ['Apple M2 Ultra', 652, 800],
    ['Apple M3 Max', 328, 400],
    ['Apple M3 Ultra', 624, 819],
    ['Apple M4', 91, 120],
    ['Apple M4 Max', 410, 546],
    ['Apple M5', 122, 154],
  ])('%s: %d of %d GB/s', (name, measured, gbPerS) => {
    const expected = judge(streaming(measured), chip(name, { gbPerS }));
    expect(expected).toMatchObject({ state: 'normal', limit: 'bandwidth' });
    expect(expected?.share).toBeCloseTo(measured / gbPerS);
  });

  it.each([
    ['Apple M1', 1600, 2600],
    ['Apple M1 Pro', 4100, 5300],
    ['Apple M1 Max', 7200, 10_600],
    ['Apple M1 Ultra', 12_200, 15_900],
    ['Apple M2', 2000, 3600],
    ['Apple M2 Pro', 4300, 5700],
    ['Apple M2 Max', 9000, 13_600],
    ['Apple M2 Ultra', 20_000, 27_200],
  ])('%s: %d of %d GFLOP/s', (name, measured, f32) => {
    expect(judge(matmul(measured), chip(name, { gbPerS: 400, f32 }))).toMatchObject({
      state: 'normal',
      limit: 'arithmetic',
    });
  });
});

const M1 = chip('Apple M1', { gbPerS: 68.25, f32: 2617 });

it.each([
  [40, 'low'],
  [45, 'borderline'],
  [55, 'normal'],
  [66, 'borderline'],
  [70, 'impossible'],
])('%d of 68.25 GB/s is %s', (gbPerS, state) => {
  expect(judge(streaming(gbPerS), M1)?.state).toBe(state);
});

describe('is not judged:', () => {
  it('a product that does not fill the chip', () => {
    const small: Row = { ...matmul(1000), work: { ...matmul(1).work, flops: 2e8, bytes: 1e5 } };
    expect(judge(small, chip('Apple M1', { gbPerS: 68, f32: 2600 }))).toBeUndefined();
    const large: Row = { ...small, work: { ...small.work, flops: 3e8 } };
    expect(judge(large, chip('Apple M1', { gbPerS: 68, f32: 2600 }))).toMatchObject({
      state: 'low',
    });
  });

  it.each<[string, Row, DeviceInfo]>([
    ['a chip whose peak is only estimated', matmul(2000), chip('Apple M4', { gbPerS: 120 })],
    ['a device without a peak', streaming(50), { ...M1, peak: undefined }],
    ['a chip whose core count is unknown', streaming(50), { ...M1, gpuCores: undefined }],
    [
      'work that fits a cache',
      { ...streaming(50), work: { ...base.work, flops: 1, bytes: 1e6 } },
      M1,
    ],
    ['f16', { ...matmul(2000), dtype: 'f16' }, M1],
    ['TF32', { ...matmul(2000), tf32: true }, M1],
    ['a convolution', { ...matmul(2000), placement: streaming(1).placement }, M1],
    [
      'a matrix product near the memory limit',
      { ...matmul(500), work: { ...base.work, flops: 1e9, bytes: 1e8 } },
      M1,
    ],
    [
      'a row that fell back',
      { ...streaming(50), placement: [{ ...base.placement[0], placed: 'cpu:0' }] },
      M1,
    ],
    ['a row that does not count', { ...streaming(50), state: 'wrong' }, M1],
    ['the CPU', streaming(50), { ...M1, kind: 'cpu' }],
  ])('%s', (_, row, device) => {
    expect(judge(row, device)).toBeUndefined();
  });
});

describe('the causes of a low share', () => {
  it('are ordered by likelihood if nothing was observed', () => {
    expect(judge(matmul(500), M1)?.causes).toEqual([
      'a power mode that limits the clocks',
      'heat',
      'another program that uses the GPU',
      'MPSGraph chose a slow matrix kernel in this process: repeat it with several --runs',
      'battery power',
    ]);
  });

  it('begin with what was seen', () => {
    const causes = judge(streaming(30), M1, { ...mains, powerSource: 'battery' })?.causes;
    expect(causes?.[0]).toBe('the machine ran on battery');
    const saving = judge(streaming(30), M1, { ...mains, powerSaving: 'mode' })?.causes;
    expect(saving?.[0]).toBe('low power mode is on');
    const hot = judge(streaming(30), M1, { ...mains, thermalPressure: 'heavy' })?.causes;
    expect(hot?.[0]).toBe('the chip was slowed by heat or its power limit');
  });

  it('name the energy mode of an M5 Max', () => {
    const causes = judge(streaming(200), chip('Apple M5 Max', { gbPerS: 614 }))?.causes;
    expect(causes?.[0]).toContain('choose High Power');
  });
});

it('warns of a low row with its causes', () => {
  const row = { ...streaming(30), expected: judge(streaming(30), M1) };
  expect(expectationWarnings([row])).toEqual([
    {
      name: 'below-normal',
      message: "add on metal:0 reaches 44 % of the chip's memory bandwidth; 70-92 % is normal.",
      advice:
        'Likely causes, most likely first: a power mode that limits the clocks; heat; another program that uses the GPU; battery power.',
    },
  ]);
});
