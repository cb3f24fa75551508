import type { Summary } from '../result/schema.js';
import { medianInterval, runInterval } from './median-interval.js';
import { ascending, mean, outliersOf, quantile, relativeNoise } from './statistics.js';

/**
 * Summarises a series of at least one value.
 * @param values nanoseconds per iteration, in the order in which they were measured
 * @param blocks lengths of the blocks of consecutive values; they add up to `values.length`
 * @param runs lengths of the runs; they add up to `values.length`
 */
export function summarise(
  values: ArrayLike<number>,
  blocks: readonly number[],
  runs: readonly number[] = [values.length],
): Summary {
  const sorted = ascending(values);
  const interval =
    runs.length > 1
      ? runInterval(values, runs, sorted)
      : medianInterval(values, blocks, { sorted });
  return {
    samples: sorted.length,
    median: quantile(sorted, 0.5),
    ...(interval && { interval }),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    mean: mean(values),
    p90: quantile(sorted, 0.9),
    noise: relativeNoise(sorted),
    outliers: outliersOf(values, sorted),
  };
}
