import { describe, expect, it } from 'vitest';
import { checkSizes, encode, paddedBytes } from '../../../../src/backends/webgpu/buffers.js';
import { deviceKind, deviceName } from '../../../../src/backends/webgpu/device-info.js';
import { planSubmission } from '../../../../src/backends/webgpu/submission.js';
import { passNs } from '../../../../src/backends/webgpu/timestamps.js';

describe('device names and kinds', () => {
  it.each([
    ['nvidia-h200', 'NVIDIA H200'],
    ['nvidia-geforce-rtx-4090', 'NVIDIA GeForce RTX 4090'],
    ['apple-m1-max', 'Apple M1 Max'],
    ['swiftshader-device-subzero-', 'SwiftShader'],
    ['Radeon Pro (tm)', 'Radeon Pro (tm)'],
  ])('%s is written %s', (device, name) => {
    expect(deviceName(device)).toBe(name);
  });

  it.each([
    ['nvidia', '', 'nvidia-h200', false, 'gpu'],
    ['apple', 'metal-3', 'apple-m1', false, 'integrated'],
    ['intel', 'gen-12lp', '', false, 'integrated'],
    ['intel', 'xe-hpg', '', false, 'gpu'],
    ['google', 'swiftshader', '', true, 'software'],
    ['mesa', '', 'llvmpipe (LLVM 19.1.7, 256 bits)', false, 'software'],
  ])('%s %s %s (fallback: %s) is %s', (vendor, architecture, device, isFallback, kind) => {
    expect(deviceKind({ vendor, architecture, device, description: '' }, isFallback)).toBe(kind);
  });
});

describe('submissions', () => {
  it('starts with one iteration a command buffer while nothing is known of its time', () => {
    expect(planSubmission(3, 1, undefined)).toEqual([1, 1, 1]);
  });

  it('has as many iterations as launches and time allow', () => {
    expect(planSubmission(5000, 1, 1_000)).toEqual([2048, 2048, 904]);
    expect(planSubmission(10, 4, 100e6)).toEqual([2, 2, 2, 2, 2]);
    expect(planSubmission(2, 1, 10e9)).toEqual([1, 1]);
  });

  it('never needs more command buffers than can be timed', () => {
    const plan = planSubmission(100_001, 4_000, 1_000);
    expect(plan.length).toBeLessThanOrEqual(256);
    expect(plan.reduce((sum, n) => sum + n)).toBe(100_001);
  });
});

describe('timestamps', () => {
  it('does not believe a clock that runs backwards', () => {
    const times = BigUint64Array.of(5n, 25n, 90n, 80n);
    expect(passNs(times, 0)).toBe(20);
    expect(passNs(times, 1)).toBeUndefined();
  });
});

describe('buffers', () => {
  it('pads to whole vectors', () => {
    expect([1, 16, 17].map(paddedBytes)).toEqual([16, 16, 32]);
    expect([...encode(Float32Array.of(1, -2, 0.5), 'f16')]).toEqual([0, 60, 0, 192, 0, 56, 0, 0]);
  });

  it('says by how much a graph is too large for a buffer or for the memory', () => {
    const buffers = new Map([
      ['a', 2 ** 30],
      ['b', 2 ** 30],
    ]);
    expect(() => checkSizes(buffers, 2 ** 29)).toThrow(
      'The tensor a needs 1024.0 MiB; a buffer of this device can have at most 512.0 MiB.',
    );
    expect(() => checkSizes(buffers, 2 ** 30, 2 ** 30)).toThrow(
      'The graph needs 2048.0 MiB; this device has 1024.0 MiB.',
    );
    checkSizes(buffers, 2 ** 30, 2 ** 31);
  });
});
