import type { Run } from '../result/schema.js';
import { ascending, mean, quantile } from './statistics.js';

export interface Modes {
  readonly low: number;
  readonly high: number;
  /** The share of the samples in the upper mode. */
  readonly highShare: number;
}

const MIN_SAMPLES_FOR_MODES = 20;
/** A mode holds at least this share of the samples; fewer are outliers. */
const SMALLEST_MODE = 0.15;
/** Distance over the pooled spread (Ashman's D): 2.7 for a split normal, 3.5 for a uniform series. */
const SEPARATION = 4;
/** Modes closer than this share of the lower one do not matter to a benchmark. */
const MIN_DISTANCE = 0.03;
/** Share of the samples that may lie in the middle third between the modes. */
const VALLEY = 0.08;

/**
 * Two separate modes, or undefined. The samples are split where that explains most of their variance
 * (N. Otsu, 1979); the halves are modes when they are far apart for their spread (K. Ashman et al.,
 * The Astronomical Journal 108 (1994)) and hardly any sample lies between them.
 */
export function modesOf(values: readonly number[]): Modes | undefined {
  const sorted = ascending(values);
  const n = sorted.length;
  if (n < MIN_SAMPLES_FOR_MODES) return undefined;
  const split = bestSplit(sorted);
  const lower = sorted.subarray(0, split);
  const upper = sorted.subarray(split);
  const highShare = upper.length / n;
  if (Math.min(highShare, 1 - highShare) < SMALLEST_MODE) return undefined;

  const low = quantile(lower, 0.5);
  const high = quantile(upper, 0.5);
  const distance = high - low;
  const spread = Math.sqrt((variance(lower) + variance(upper)) / 2);
  const between = sorted.filter((x) => x > low + distance / 3 && x < high - distance / 3).length;
  const bimodal =
    distance > MIN_DISTANCE * low && distance > SEPARATION * spread && between <= VALLEY * n;
  return bimodal ? { low, high, highShare } : undefined;
}

/** Runs in two groups: how many are in the slow one, and how far apart the groups are. */
export interface RunModes {
  readonly slow: number;
  /** Median of the slow runs over that of the fast ones. */
  readonly ratio: number;
}

/** Groups of runs closer than this are ordinary variation between processes. */
const MIN_RUN_RATIO = 1.3;
/** The runs of a group lie within this share of the gap between the groups. */
const GROUP_SPREAD = 1 / 3;

/** Two groups of runs with a wide gap between them, or undefined. */
export function modesOfRuns(runs: readonly Pick<Run, 'medianNs'>[]): RunModes | undefined {
  const sorted = ascending(runs.map(({ medianNs }) => medianNs));
  if (sorted.length < 2 || !(sorted[0] > 0)) return undefined;
  const logs = sorted.map(Math.log);
  let split = 1;
  for (let i = 2; i < logs.length; i++) {
    if (logs[i] - logs[i - 1] > logs[split] - logs[split - 1]) split = i;
  }
  const gap = logs[split] - logs[split - 1];
  const spread = Math.max(logs[split - 1] - logs[0], logs[logs.length - 1] - logs[split]);
  const ratio = quantile(sorted.subarray(split), 0.5) / quantile(sorted.subarray(0, split), 0.5);
  if (ratio < MIN_RUN_RATIO || spread > GROUP_SPREAD * gap) return undefined;
  return { slow: sorted.length - split, ratio };
}

/** How many of the ascending values belong below the split of the largest between-class variance. */
function bestSplit(sorted: Float64Array): number {
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let below = 0;
  let best = 1;
  let bestVariance = -1;
  for (let i = 1; i < sorted.length; i++) {
    below += sorted[i - 1];
    const difference = below / i - (total - below) / (sorted.length - i);
    const between = i * (sorted.length - i) * difference ** 2;
    if (between > bestVariance) {
      bestVariance = between;
      best = i;
    }
  }
  return best;
}

function variance(values: Float64Array): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length;
}
