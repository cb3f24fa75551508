import { median } from './statistics.js';

/**
 * Robust z scores beyond this are outliers (B. Iglewicz and D. Hoaglin, "How to Detect and Handle
 * Outliers", ASQC 1993).
 */
export const OUTLIER_Z = 3.5;

/** A value within this share of the median is never an outlier, however little the others spread. */
export const OUTLIER_FLOOR = 0.05;

/** Of two that differ, either could be the odd one. */
export const FEWEST_TO_COMPARE = 3;

/** The MAD of a normal distribution is 1 / 1.4826 of its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/** Where one of several like things lies among them. */
export interface RobustScore {
  /** Position in the values that were given. */
  readonly index: number;
  readonly value: number;
  /** Median of all values. */
  readonly center: number;
  /** `value / center - 1`: 0.2 is 20 % above the median. */
  readonly change: number;
  /** Signed distance from the median in robust standard deviations; always finite. */
  readonly z: number;
  readonly outlier: boolean;
}

/**
 * Robust z scores of like things: the same measurement on the cards of one machine, or on the hosts of
 * a fleet.
 *
 * z = (value - median) / max(1.4826 MAD, 5 % of the median / 3.5), so that |z| > 3.5 means: more than
 * 3.5 robust standard deviations *and* more than 5 % away. Median and MAD stay put as long as fewer
 * than half of the values are odd. The sign says the direction; whether larger is worse depends on
 * the quantity.
 * @param values positive quantities of one unit, in any order; those that are not finite are left
 *   out and get no score. With fewer than three values nothing is an outlier.
 * @returns one score for each finite value, in the order given; empty if the median is not positive
 */
export function robustScores(values: ArrayLike<number>): RobustScore[] {
  const indices = Array.from(values, (_, index) => index).filter((i) => Number.isFinite(values[i]));
  const finite = indices.map((i) => values[i]);
  const center = median(finite);
  if (!(center > 0)) return [];
  const mad = median(finite.map((value) => Math.abs(value - center)));
  const scale = Math.max(MAD_TO_SIGMA * mad, (OUTLIER_FLOOR * center) / OUTLIER_Z);
  const enough = finite.length >= FEWEST_TO_COMPARE;
  return indices.map((index) => {
    const value = values[index];
    const z = (value - center) / scale;
    const outlier = enough && Math.abs(z) > OUTLIER_Z;
    return { index, value, center, change: value / center - 1, z, outlier };
  });
}

/**
 * How far from the median, as a share of it, a value may be before it counts as an outlier.
 * @param spread median absolute deviation / median
 */
export function outlierLimit(spread: number): number {
  return Math.max(OUTLIER_Z * MAD_TO_SIGMA * spread, OUTLIER_FLOOR);
}

/** The odd ones among like things, the farthest first. See `robustScores`. */
export function robustOutliers(values: ArrayLike<number>): RobustScore[] {
  return robustScores(values)
    .filter(({ outlier }) => outlier)
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
}
