import { ascending, mean, quantile } from './statistics.js';

/** One point of a density curve. */
export interface DensityPoint {
  readonly value: number;
  /** Per unit of `value`. */
  readonly density: number;
}

const POINTS = 48;
const FEWEST_VALUES = 3;
/** Narrower than this share of what is shown, a curve would be a needle. */
const NARROWEST_SHARE = 0.015;

/**
 * The density of values over a range: a Gaussian kernel with Silverman's bandwidth,
 * 0.9 min(s, IQR / 1.34) n^(-1/5) (Density Estimation for Statistics and Data Analysis, 1986, eq. 3.31).
 * @returns no point for fewer than 3 values
 */
export function densityOf(
  values: readonly number[],
  [low, high]: readonly [number, number],
): DensityPoint[] {
  if (values.length < FEWEST_VALUES || !(high > low)) return [];
  const sorted = ascending(values);
  const center = mean(values);
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1),
  );
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
  const width = Math.min(deviation, spread || deviation);
  const bandwidth = Math.max(0.9 * width * values.length ** -0.2, NARROWEST_SHARE * (high - low));
  const norm = 1 / (values.length * bandwidth * Math.sqrt(2 * Math.PI));
  return Array.from({ length: POINTS }, (_, i) => {
    const value = low + ((high - low) * i) / (POINTS - 1);
    const sum = values.reduce(
      (total, x) => total + Math.exp(-(((value - x) / bandwidth) ** 2) / 2),
      0,
    );
    return { value, density: norm * sum };
  });
}
