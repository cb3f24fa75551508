/** A sorted copy, ascending. */
export function ascending(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/**
 * The p-quantile of ascending values by linear interpolation between order statistics: type 7 of
 * Hyndman and Fan (1996), the default of R and NumPy. NaN for an empty array.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (position - below) * (high - low);
}

/** The median of values in any order; NaN for an empty array. */
export function median(values: ArrayLike<number>): number {
  return quantile(ascending(values), 0.5);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Interquartile range over the median, of ascending values: 0 if the median is 0. */
export function relativeNoise(sorted: ArrayLike<number>): number {
  const middle = quantile(sorted, 0.5);
  if (!(middle > 0)) return 0;
  return (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / middle;
}

/** Indices of values outside Tukey's fences: 1.5 IQR below the lower or above the upper quartile. */
export function outliersOf(values: ArrayLike<number>, sorted: ArrayLike<number>): number[] {
  const lower = quantile(sorted, 0.25);
  const upper = quantile(sorted, 0.75);
  const reach = 1.5 * (upper - lower);
  const outside: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < lower - reach || value > upper + reach) outside.push(i);
  }
  return outside;
}
