import { unitsOf } from './resampling-units.js';
import { median } from './statistics.js';

export interface Trend {
  /** Relative change over the whole run: 0.1 is 10 % slower at the end. */
  readonly change: number;
  /** Whether the order of the medians is beyond chance (two-sided, 1 %). */
  readonly significant: boolean;
}

/** With fewer units no order is beyond chance. */
const MIN_UNITS = 6;
const NORMAL_995 = 2.575829;

/**
 * The trend of the medians of blocks: Theil and Sen's slope with the test of Mann and Kendall, which
 * single outliers do not move (P. K. Sen, JASA 63 (1968)).
 */
export function trendOf(values: readonly number[], blocks: readonly number[]): Trend | undefined {
  const medians = unitsOf(blocks).map(({ start, end }) => median(values.slice(start, end)));
  const n = medians.length;
  if (n < MIN_UNITS) return undefined;
  const slopes: number[] = [];
  let kendall = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const rise = medians[j] - medians[i];
      kendall += Math.sign(rise);
      slopes.push(rise / (j - i));
    }
  }
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const z = (Math.abs(kendall) - 1) / deviation;
  const middle = median(medians);
  const change = middle > 0 ? (median(slopes) * (n - 1)) / middle : 0;
  return { change, significant: z > NORMAL_995 };
}
