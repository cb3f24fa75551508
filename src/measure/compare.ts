import type { Measurement, Summary } from '../result/schema.js';
import type { Speedup } from './types.js';

/**
 * The speedup of a subject over a baseline on one clock, with a 95 % interval where both medians have
 * one.
 *
 * Both medians have intervals that come from resampling their blocks. The interval of their ratio is
 * recovered from these two on the logarithmic scale, where the ratio is a difference (MOVER:
 * G. Zou and A. Donner, "Construction of confidence limits about effect measures", Statistics in
 * Medicine 27 (2008)); it agrees with resampling both, keeps what the intervals know about few
 * samples, and never contradicts the intervals next to it in the table.
 */
export function speedup(baseline: Summary, subject: Summary, clock: Speedup['clock']): Speedup {
  const value = baseline.median / subject.median;
  if (!baseline.interval || !subject.interval) return { value, clock };
  const down = Math.hypot(
    Math.log(baseline.median / baseline.interval[0]),
    Math.log(subject.interval[1] / subject.median),
  );
  const up = Math.hypot(
    Math.log(baseline.interval[1] / baseline.median),
    Math.log(subject.median / subject.interval[0]),
  );
  return { value, interval: [value * Math.exp(-down), value * Math.exp(up)], clock };
}

/**
 * The speedup by wall time: the only clock that every device has, and the one that a user waits for.
 * Undefined if a median is zero or an interval reaches zero, so that no finite ratio exists.
 */
export function compare(baseline: Measurement, subject: Measurement): Speedup | undefined {
  const result = speedup(baseline.wall, subject.wall, 'wall');
  return [result.value, ...(result.interval ?? [])].every((x) => Number.isFinite(x) && x > 0)
    ? result
    : undefined;
}
