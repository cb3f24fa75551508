import { describe, expect, test } from 'vitest';
import { findPeak } from '../../../src/host/peaks.js';

describe('peaks by device name', () => {
  test.each([
    ['NVIDIA H200', 4800, 66_900],
    ['NVIDIA H100 80GB HBM3', 3350, 66_900],
    ['NVIDIA A100-SXM4-80GB', 2039, 19_500],
    ['NVIDIA A100-SXM4-40GB', 1555, 19_500],
    ['NVIDIA GeForce RTX 4090', 1008, 82_580],
    ['Apple M1', 68.25, 2617.344],
    ['apple m1', 68.25, 2617.344],
    ['Apple M1 Max', 409.6, 10_616.832],
    ['Apple M4 Max', 546, 16_158.72],
  ])('%s', (name, gbPerS, f32) => {
    const peak = findPeak(name);
    expect(peak?.gbPerS).toBe(gbPerS);
    expect(peak?.gflops?.f32).toBeCloseTo(f32, 6);
    expect(peak?.source).not.toBe('');
  });

  test('a chip whose clock is not known for sure has a bandwidth only', () => {
    expect(findPeak('Apple M3 Max')).toEqual({
      gbPerS: 409.6,
      source: 'Apple specifications (memory)',
    });
  });

  test.each([
    'NVIDIA GeForce RTX 4090 Laptop GPU',
    'NVIDIA GeForce RTX 4090 D',
    'NVIDIA H200 MIG 1g.18gb',
    'NVIDIA H100 PCIe',
    'Apple M9',
    'Apple M1 Pro Max',
    'SwiftShader Device (LLVM 10.0.0)',
    '',
  ])('no guess for "%s"', (name) => {
    expect(findPeak(name)).toBeUndefined();
  });

  test("a CPU does not take the GPU's limits", () => {
    expect(findPeak('Apple M1', 'integrated')).toBeDefined();
    expect(findPeak('Apple M1', 'cpu')).toBeUndefined();
    expect(findPeak('NVIDIA H200', 'software')).toBeUndefined();
  });
});
