import { mean } from './statistics.js';

/** A ratio of times with its interval; above 1, the subject is slower. */
export interface RunRatio {
  readonly value: number;
  readonly interval: readonly [number, number];
}

/** 99.5 % quantile of Student's t with 1, 2, ... degrees of freedom. */
const STUDENT_995 = [
  63.6567, 9.9248, 5.8409, 4.6041, 4.0321, 3.7074, 3.4995, 3.3554, 3.2498, 3.1693, 3.1058, 3.0545,
  3.0123, 2.9768, 2.9467, 2.9208, 2.8982, 2.8784, 2.8609, 2.8453,
];
const NORMAL_995 = 2.575829;

/**
 * Time of a subject over that of a baseline that was measured at another time, with a 99 % interval:
 * the geometric means of the runs' medians, and Student's t over their logarithms. As in
 * `runInterval`, a run is a fresh process and an independent draw of all that differs from run to run;
 * nothing is assumed about samples or blocks.
 *
 * The interval is the hull of Welch's (B. L. Welch, Biometrika 34 (1947)), which lets the two sides
 * spread differently but is too narrow for few and unequal numbers of runs, and of the pooled one,
 * which is exact for any numbers where they spread alike.
 *
 * Why 99 % here and 95 % for a speedup within one result: a gate compares again and again, and an
 * interval of 95 % is wrong once in 20 times. Why means of runs and not the median of all samples:
 * where runs settle on one of two speeds, the median of all jumps between them, and no interval
 * around it holds (docs/compare.md has the rates of false alarms).
 * @param base medians of the runs, nanoseconds, all above 0; two or more
 * @param subject the same
 */
export function runRatio(base: readonly number[], subject: readonly number[]): RunRatio {
  const [before, after] = [spreadOf(base), spreadOf(subject)];
  const change = after.center - before.center;
  const reach = Math.max(welchReach(before, after), pooledReach(before, after));
  return {
    value: Math.exp(change),
    interval: [Math.exp(change - reach), Math.exp(change + reach)],
  };
}

/** By how much runs of one side differ: the standard deviation of their logarithms, pooled over both sides. */
export function runSpread(base: readonly number[], subject: readonly number[]): number {
  const [before, after] = [spreadOf(base), spreadOf(subject)];
  return Math.sqrt((before.squares + after.squares) / (before.count + after.count - 2));
}

/**
 * The fewest runs a side with which the interval of `runRatio` reaches no further than `share` from the ratio, where runs
 * differ by `spread`; undefined where that takes more than `most`.
 */
export function runsToReach(spread: number, share: number, most: number): number | undefined {
  const wanted = Math.log1p(share);
  for (let runs = 2; runs <= most; runs++) {
    if (student995(2 * runs - 2) * spread * Math.sqrt(2 / runs) <= wanted) return runs;
  }
  return undefined;
}

/** Of logarithms. */
interface Spread {
  readonly count: number;
  readonly center: number;
  /** Sum of the squared distances from the center. */
  readonly squares: number;
}

function welchReach(before: Spread, after: Spread): number {
  const [left, right] = [before, after].map(({ squares, count }) => squares / (count - 1) / count);
  const error = left + right;
  // Without any spread, there are no degrees of freedom either, and nothing to widen.
  if (!(error > 0)) return 0;
  const freedom = error ** 2 / (left ** 2 / (before.count - 1) + right ** 2 / (after.count - 1));
  return student995(freedom) * Math.sqrt(error);
}

function pooledReach(before: Spread, after: Spread): number {
  const freedom = before.count + after.count - 2;
  const variance = (before.squares + after.squares) / freedom;
  return student995(freedom) * Math.sqrt(variance * (1 / before.count + 1 / after.count));
}

/** The typical time of runs: the geometric mean of their medians. */
export function typicalOfRuns(medians: readonly number[]): number {
  return Math.exp(mean(medians.map(Math.log)));
}

function spreadOf(medians: readonly number[]): Spread {
  const logs = medians.map(Math.log);
  const center = mean(logs);
  const squares = logs.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return { count: logs.length, center, squares };
}

/** Interpolated in 1 / degrees of freedom, as tables of t are meant to be. */
function student995(freedom: number): number {
  const below = Math.max(1, Math.floor(freedom));
  if (below >= STUDENT_995.length) {
    const last = STUDENT_995[STUDENT_995.length - 1];
    return NORMAL_995 + ((last - NORMAL_995) * STUDENT_995.length) / freedom;
  }
  const [at, next] = [STUDENT_995[below - 1], STUDENT_995[below]];
  const position = (1 / below - 1 / freedom) / (1 / below - 1 / (below + 1));
  return at + (next - at) * Math.max(0, position);
}
