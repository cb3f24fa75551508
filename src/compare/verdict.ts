import { speedup } from '../measure/compare.js';
import { runRatio, typicalOfRuns } from '../measure/run-ratio.js';
import type { ComparedRow, Verdict } from '../result/schema.js';
import type { PooledTimes } from './pool.js';

/** Time of NEW / time of BASE: above 1 is slower. */
export type TimeRatio = NonNullable<ComparedRow['timeRatio']>;

/**
 * From the runs of both sides. Where a side has a single run, from the intervals of the two medians,
 * which cannot know how runs differ: tolerances are wider then. Undefined where a time is zero.
 */
export function timeRatioOf(base: PooledTimes, now: PooledTimes): TimeRatio | undefined {
  if (base.runs > 1 && now.runs > 1) {
    if (base.runMedians && now.runMedians) {
      return { ...runRatio(base.runMedians, now.runMedians), confidence: 0.99 };
    }
    return usable({ value: typicalNs(now) / typicalNs(base) });
  }
  const { value, interval } = speedup(base.wall, now.wall, 'wall');
  return usable({
    value: 1 / value,
    ...(interval && { interval: [1 / interval[1], 1 / interval[0]], confidence: 0.95 }),
  });
}

/** What one iteration takes: of several runs the geometric mean of their medians, else the median. */
export function typicalNs({ wall, runs, runMedians }: PooledTimes): number {
  return runs > 1 && runMedians ? typicalOfRuns(runMedians) : wall.median;
}

function usable(ratio: TimeRatio): TimeRatio | undefined {
  const numbers = [ratio.value, ...(ratio.interval ?? [])];
  return numbers.every((x) => Number.isFinite(x) && x > 0) ? ratio : undefined;
}

/**
 * `slower` or `faster` only where the interval excludes 1 and the change exceeds the tolerance; `same`
 * only where the whole interval lies within it; `unclear` in between, and without an interval.
 * Symmetric: 5 % slower is a time of x 1.05, 5 % faster one of / 1.05.
 * @param tolerance a share of the time
 */
export function judge(
  { value, interval }: Pick<TimeRatio, 'value' | 'interval'>,
  tolerance: number,
): Extract<Verdict, 'faster' | 'same' | 'slower' | 'unclear'> {
  if (interval === undefined) return 'unclear';
  const [low, high] = interval;
  const limit = 1 + tolerance;
  if (low > 1 && value > limit) return 'slower';
  if (high < 1 && value < 1 / limit) return 'faster';
  return low >= 1 / limit && high <= limit ? 'same' : 'unclear';
}

/**
 * Rows that --confirm measures again: every verdict but `same`. Where processes settle on one of two speeds, a few runs of
 * a side can all be of one kind by chance; runs of another moment rarely are again (docs/compare.md).
 */
export function isConfirmable({ verdict }: { readonly verdict: Verdict }): boolean {
  return verdict === 'slower' || verdict === 'faster' || verdict === 'unclear';
}
