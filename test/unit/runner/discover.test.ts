import { expect, test } from 'vitest';
import type { DeviceInfo, Peak } from '../../../src/backends/types.js';
import { findPeak } from '../../../src/host/peaks.js';
import { withPeak } from '../../../src/runner/discover.js';

const KNOWN = 'Apple M1';
const OWN: Peak = { gflops: { f32: 2289 }, source: '7 GPU cores at 1278 MHz' };

function device(name: string, peak?: Peak): DeviceInfo {
  const facts = { id: 'metal:0', backend: 'metal', kind: 'integrated', dtypes: ['f32'] } as const;
  return { ...facts, name, details: {}, ...(peak && { peak }) };
}

test('the table gives a device without a peak its own', () => {
  expect(withPeak(device(KNOWN)).peak).toEqual(findPeak(KNOWN));
});

test('what the backend knows stays, and the bandwidth comes from the table', () => {
  const gbPerS = findPeak(KNOWN)?.gbPerS;
  expect(gbPerS).toBeGreaterThan(0);
  const { peak } = withPeak(device(KNOWN, OWN));
  expect(peak).toMatchObject({ gflops: OWN.gflops, gbPerS });
  expect(peak?.source).toContain(OWN.source);
});

test('a bandwidth of the backend is not replaced, and an unknown chip gets none', () => {
  const whole = { ...OWN, gbPerS: 50 };
  expect(withPeak(device(KNOWN, whole)).peak).toEqual(whole);
  expect(withPeak(device('Apple Z9', OWN)).peak).toEqual(OWN);
  expect(withPeak(device('Apple Z9')).peak).toBeUndefined();
});
