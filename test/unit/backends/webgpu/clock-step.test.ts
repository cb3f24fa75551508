import { describe, expect, it } from 'vitest';
import { clockStepNs } from '../../../../src/backends/webgpu/clock-step.js';
import { seededRandom } from '../../../../src/measure/resampling-random.js';

/** Begin and end of 64 empty passes of about so long, by a clock of that period. */
function readings(
  periodNs: number,
  { passNs = 2_000, seed = 1, toWhole = Math.floor } = {},
): BigUint64Array {
  const random = seededRandom(seed);
  let now = 8.123e13;
  return BigUint64Array.from({ length: 128 }, () => {
    now += passNs * (1 + 0.3 * random());
    return BigInt(toWhole(Math.floor(now / periodNs) * periodNs));
  });
}

describe('the step of a clock', () => {
  it.each([
    ['24 MHz', 125 / 3, 41.67],
    ['19.2 MHz', 625 / 12, 52.08],
    ['12 MHz', 250 / 3, 83.33],
    ['38.4 MHz', 625 / 24, 26.04],
    ['31.25 MHz', 32, 32],
    ['1 MHz', 1000, 1000],
    ['1 GHz', 1, 1],
  ])('of %s is found, whatever the length of a pass', (_, periodNs, expected) => {
    for (const passNs of [300, 2_000, 40_000]) {
      for (const toWhole of [Math.floor, Math.round]) {
        for (let seed = 1; seed <= 10; seed++) {
          const step = clockStepNs(readings(periodNs, { passNs, seed, toWhole })) ?? 0;
          expect(Math.abs(step - expected) / expected).toBeLessThan(0.001);
        }
      }
    }
  });

  it('is that of few readings, too, in any order', () => {
    expect(clockStepNs(BigUint64Array.of(1_256n, 1_000n, 1_096n, 1_224n))).toBe(32);
  });

  it('is unknown if the clock does not advance', () => {
    expect(clockStepNs(BigUint64Array.of(7n, 7n))).toBeUndefined();
  });
});
