import { describe, expect, test } from 'vitest';
import { APPLE_CHIPS, metalFamily, SOURCES } from '../../../src/host/apple-chips.js';
import { findEstimates, findPeak } from '../../../src/host/peaks.js';

describe('limits by device name', () => {
  test.each([
    ['NVIDIA H200', 4800, 66_900],
    ['NVIDIA H100 80GB HBM3', 3350, 66_900],
    ['NVIDIA A100-SXM4-80GB', 2039, 19_500],
    ['NVIDIA A100-SXM4-40GB', 1555, 19_500],
    ['NVIDIA GeForce RTX 4090', 1008, 82_580],
    ['Apple M1', 68.25, 2617.344],
    ['apple m1', 68.25, 2617.344],
    ['Apple M1 GPU', 68.25, 2617.344],
    ['Apple M1 Max', 400, 10_616.832],
    ['Apple M2 Pro', 200, 6799.872],
  ])('%s', (name, gbPerS, f32) => {
    const peak = findPeak({ name });
    expect(peak?.gbPerS).toBe(gbPerS);
    expect(peak?.gflops?.f32).toBeCloseTo(f32, 6);
    expect(peak?.source).not.toBe('');
  });

  test.each([
    'NVIDIA GeForce RTX 4090 Laptop GPU',
    'NVIDIA GeForce RTX 4090 D',
    'NVIDIA H200 MIG 1g.18gb',
    'NVIDIA H100 PCIe',
    'Apple M9',
    'Apple M1 Pro Max',
    'Apple Paravirtual device',
    'SwiftShader Device (LLVM 10.0.0)',
    '',
  ])('no guess for "%s"', (name) => {
    expect(findPeak({ name })).toBeUndefined();
    expect(findEstimates({ name })).toEqual([]);
  });

  test("a CPU does not get the GPU's limits", () => {
    expect(findPeak({ name: 'Apple M1', kind: 'integrated' })).toBeDefined();
    expect(findPeak({ name: 'Apple M1', kind: 'cpu' })).toBeUndefined();
    expect(findEstimates({ name: 'Apple M3', kind: 'cpu' })).toEqual([]);
    expect(findPeak({ name: 'NVIDIA H200', kind: 'software' })).toBeUndefined();
  });

  test('what a backend knows stays; a missing bandwidth is added', () => {
    const own = { gflops: { f32: 1 }, source: 'its own' };
    expect(findPeak({ name: 'NVIDIA H200' }, own)).toEqual({
      ...own,
      gbPerS: 4800,
      source: 'its own; NVIDIA H200 datasheet',
    });
    expect(findPeak({ name: 'NVIDIA H200' }, { ...own, gbPerS: 4000 })?.gbPerS).toBe(4000);
    expect(findPeak({ name: 'Apple Z9' }, own)).toEqual(own);
  });

  test('fewer GPU cores compute less', () => {
    const f32 = (gpuCores: number) => findPeak({ name: 'Apple M1', gpuCores })?.gflops?.f32;
    expect(f32(7)).toBeCloseTo(2290.176, 6);
    expect(f32(8)).toBeCloseTo(2617.344, 6);
  });
});

describe('what is not sure', () => {
  test('a clock of one source, and a formula that was measured on older chips, limit nothing', () => {
    for (const name of ['Apple M2 Ultra', 'Apple M3', 'Apple M4', 'Apple M4 Max']) {
      expect(findPeak({ name })?.gflops, name).toBeUndefined();
      expect(findEstimates({ name }), name).toMatchObject([
        { what: 'arithmetic', confidence: 'medium' },
      ]);
    }
    expect(findEstimates({ name: 'Apple M3 Ultra' })).toMatchObject([{ confidence: 'low' }]);
  });

  test('of a chip with matrix units no rate is guessed', () => {
    expect(findPeak({ name: 'Apple M5 Pro' })).toMatchObject({ gbPerS: 307 });
    expect(findPeak({ name: 'Apple M5 Pro' })?.gflops).toBeUndefined();
    expect(findEstimates({ name: 'Apple M5 Pro' })).toEqual([]);
  });

  test('a bandwidth of one source limits nothing either', () => {
    for (const name of ['Apple M5 Ultra', 'Apple M6', 'Apple A18 Pro']) {
      expect(findPeak({ name }), name).toBeUndefined();
      expect(findEstimates({ name }), name).toMatchObject([{ what: 'bandwidth' }]);
    }
  });
});

describe('the table of chips', () => {
  test('names no chip twice, gives each value a source, and uses every source', () => {
    const names = APPLE_CHIPS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const facts = APPLE_CHIPS.flatMap(({ gpuCores, gpuMHz, memory }) => [
      gpuCores,
      memory,
      ...(gpuMHz ? [gpuMHz] : []),
    ]);
    for (const { sources } of facts) expect(sources.length).toBeGreaterThan(0);
    const used = new Set(facts.flatMap(({ sources }) => sources));
    expect([...used].sort()).toEqual(Object.keys(SOURCES).sort());
  });

  test('what rests on hearsay alone is never sure', () => {
    for (const { name, gpuCores, gpuMHz, memory } of APPLE_CHIPS) {
      for (const one of [gpuCores, memory, gpuMHz]) {
        const hearsay = one?.sources.every((source) => source === 'hearsay') ?? false;
        expect(hearsay && one?.confidence === 'high', name).toBe(false);
      }
    }
  });

  test('the largest configuration of a chip comes last', () => {
    for (const { gpuCores, memory } of APPLE_CHIPS) {
      const rates = memory.value.map(({ gbPerS }) => gbPerS);
      expect(rates).toEqual([...rates].sort((left, right) => left - right));
      expect(gpuCores.value).toEqual([...gpuCores.value].sort((left, right) => left - right));
    }
  });

  test.each([
    ['Apple M1 Ultra', 'Apple7'],
    ['Apple M2', 'Apple8'],
    ['Apple M3 Pro', 'Apple9'],
    ['Apple M4', 'Apple9'],
    ['Apple A18 Pro', 'Apple9'],
    ['Apple M5 Max', 'Apple10'],
  ])('%s is of family %s', (chip, family) => {
    expect(metalFamily(chip)).toBe(family);
  });

  test('no family is guessed for other names', () => {
    for (const name of [
      'Apple M6',
      'Apple M10',
      'AMD Radeon Pro 5500M',
      'Apple Paravirtual device',
    ])
      expect(metalFamily(name)).toBeUndefined();
  });
});
