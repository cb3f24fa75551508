import type { Clock } from './types.js';

const [originS] = process.hrtime();

/**
 * The system's monotonic clock, in whole nanoseconds since this module was loaded (whole seconds are
 * subtracted first, so that a double holds every reading exactly).
 */
export const systemClock: Clock = {
  nowNs() {
    const [seconds, nanoseconds] = process.hrtime();
    return (seconds - originS) * 1e9 + nanoseconds;
  },
};

export interface ClockCost {
  /** Mean time that one reading takes. */
  readonly readNs: number;
  /** The smallest step seen between two readings; 0 if the clock did not move. */
  readonly stepNs: number;
}

const READINGS = 2000;

/** Reads the clock back to back: its cost and step bound how short a sample may be. */
export function measureClock(clock: Clock): ClockCost {
  const first = clock.nowNs();
  let previous = first;
  let stepNs = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < READINGS; reading++) {
    const now = clock.nowNs();
    if (now > previous) stepNs = Math.min(stepNs, now - previous);
    previous = now;
  }
  return { readNs: (previous - first) / READINGS, stepNs: Number.isFinite(stepNs) ? stepNs : 0 };
}
