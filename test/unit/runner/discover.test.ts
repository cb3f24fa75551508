import { expect, test } from 'vitest';
import { findPeak } from '../../../src/host/peaks.js';
import type { DeviceInfo, Peak } from '../../../src/result/schema.js';
import { withPeak } from '../../../src/runner/discover.js';

const KNOWN = 'Apple M1';
const OWN: Peak = { gflops: { f32: 2289 }, source: '7 GPU cores at 1278 MHz' };

function device(name: string, peak?: Peak, more: Partial<DeviceInfo> = {}): DeviceInfo {
  const facts = { id: 'metal:0', backend: 'metal', kind: 'integrated', dtypes: ['f32'] } as const;
  return { ...facts, name, details: {}, ...(peak && { peak }), ...more };
}

test('the table gives a device without a peak its own', () => {
  expect(withPeak(device(KNOWN)).peak).toEqual(findPeak({ name: KNOWN }));
});

test('what the backend knows stays, and the bandwidth comes from the table', () => {
  const { peak } = withPeak(device(KNOWN, OWN));
  expect(peak).toMatchObject({ gflops: OWN.gflops, gbPerS: 68.25 });
  expect(peak?.source).toBe(
    '7 GPU cores at 1278 MHz; memory: kellyshephard/chips_table, llama.cpp discussion 4167, philipturner/applegpuinfo',
  );
});

test('a bandwidth of the backend is not replaced, and an unknown chip gets none', () => {
  const whole = { ...OWN, gbPerS: 50 };
  expect(withPeak(device(KNOWN, whole)).peak).toEqual(whole);
  expect(withPeak(device('Apple Z9', OWN)).peak).toEqual(OWN);
  expect(withPeak(device('Apple Z9'))).toEqual(device('Apple Z9'));
});

test('the number of GPU cores decides which memory a chip has', () => {
  expect(withPeak(device('Apple M3 Max', OWN, { gpuCores: 30 })).peak?.gbPerS).toBe(300);
  expect(withPeak(device('Apple M3 Max', OWN, { gpuCores: 40 })).peak?.gbPerS).toBe(400);
  expect(withPeak(device('Apple M3 Max', OWN)).peak?.gbPerS).toBe(400);
});

test('what the table is not sure of is a detail, not a limit', () => {
  const { peak, details } = withPeak(
    device('Apple M3', undefined, { details: { 'unified memory': true } }),
  );
  expect(peak).toEqual({
    gbPerS: 100,
    source: 'memory: kellyshephard/chips_table, philipturner/applegpuinfo',
  });
  expect(details).toEqual({
    'unified memory': true,
    'estimated arithmetic':
      '3.53 TFLOP/s f32, medium confidence (10 GPU cores at 1380 MHz: philipturner/applegpuinfo)',
  });
  expect(withPeak(device('Apple M6')).details).toEqual({
    'estimated bandwidth': '170 GB/s, medium confidence (memory: rlindsey2/sunkcost)',
  });
});

test('what the backend knows replaces an estimate', () => {
  expect(withPeak(device('Apple M3', OWN)).details).toEqual({});
});
