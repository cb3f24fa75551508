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
