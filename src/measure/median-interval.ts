import { seededRandom } from './resampling-random.js';
import { MAX_UNITS, type Unit, unitsOf } from './resampling-units.js';
import { ascending, mean, median, quantile } from './statistics.js';

export interface IntervalOptions {
  /** The same values in ascending order, where the caller has them. */
  readonly sorted?: Float64Array;
  readonly resamples?: number;
  readonly seed?: number;
}

type Interval = [number, number];

/** Not even the range of fewer samples holds the median in 95 % of the cases: 1 - 2 / 2^5 = 94 %. */
export const FEWEST_FOR_INTERVAL = 6;

/** Fewest samples of one of several runs. */
export const FEWEST_FOR_RUN = 3;

const RESAMPLES = 1000;
const SEED = 1;
/** Fewer units than this have too few distinct resamples: the t interval takes over. */
const MIN_BOOTSTRAP_UNITS = 6;
const FEWEST_FOR_CORRELATION = 4;
const STRONGEST_CORRELATION = 0.8;
/** Order statistics between which a resample's median is looked up; exact up to this many samples. */
const GRID = 512;

const NORMAL_975 = 1.959964;
/** 97.5 % quantile of Student's t with 1, 2, ... degrees of freedom. */
const STUDENT_975 = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788,
  2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093,
] as const satisfies { readonly length: 19 };

/**
 * The 95 % interval of the median of a series of blocks; undefined below `FEWEST_FOR_INTERVAL` values.
 *
 * Samples of one block share the state of the machine, so resampling single samples would claim far
 * too much. The interval is the hull of two:
 *
 * 1. the exact order-statistic interval of the median, which needs no assumption about the
 *    distribution but takes samples for independent (Hahn and Meeker, "Statistical Intervals",
 *    section 5.2). It decides for few samples, where a bootstrap is known to be too narrow.
 * 2. an interval from the differences between units (see `unitsOf`), which is wider as soon as units
 *    differ by more than their samples explain. With 6 units or more: a bootstrap over whole units
 *    (Davison and Hinkley, "Bootstrap Methods", section 3.8), its percentiles widened by
 *    sqrt(k / (k-1)) t(k-1) / z because percentile intervals of k observations are too narrow by
 *    that factor (T. Hesterberg, "What Teachers Should Know About the Bootstrap", The American
 *    Statistician 69 (2015)). With 2 to 5 units: Student's t over the logarithms of the medians of the units.
 *    Either is widened where neighbouring units resemble each other (see `correlationFactor`).
 *
 * It is deterministic, and its cost is about that of sorting: resamples are bounded and a resample's
 * median is found in cumulative counts, whatever the number of samples.
 */
export function medianInterval(
  values: ArrayLike<number>,
  blocks: readonly number[],
  options: IntervalOptions = {},
): Interval | undefined {
  if (values.length < FEWEST_FOR_INTERVAL) return undefined;
  const sorted = options.sorted ?? ascending(values);
  const exact = orderStatisticInterval(sorted);
  const units = unitsOf(blocks);
  if (units.length < 2) return exact;
  // Logarithms need positive times; a clock that saw none cannot tell more than the range.
  if (!(sorted[0] > 0)) return [sorted[0], sorted[sorted.length - 1]];
  const medians = units.map(({ start, end }) => median(slice(values, start, end)));
  const byUnits =
    units.length < MIN_BOOTSTRAP_UNITS
      ? studentInterval(medians, sorted)
      : bootstrapInterval(values, units, sorted, options);
  const [low, high] = widen(byUnits, quantile(sorted, 0.5), correlationFactor(medians));
  return [Math.min(exact[0], low), Math.max(exact[1], high)];
}

/**
 * The 95 % interval of the median over repeated runs: Student's t over the logarithms of the runs'
 * medians. A run is a fresh process, so its median holds all that differs from run to run (where
 * memory lies, which kernel a library picked, the state of the clocks) as well as what differs within
 * it; runs are independent draws of it. So no assumption about samples or blocks is needed, and none
 * comes from another machine (T. Kalibera and R. Jones, "Rigorous Benchmarking in Reasonable
 * Time", ISMM 2013, for one level of repetition). It does not hold where the runs' medians are far
 * from normal, as when each run is in one of two states (docs/measurement.md has the coverage).
 * Undefined if a run has fewer values than `FEWEST_FOR_RUN`, whose median means little.
 * @param runs lengths of the runs, two or more
 */
export function runInterval(
  values: ArrayLike<number>,
  runs: readonly number[],
  sorted: Float64Array,
): Interval | undefined {
  if (runs.some((length) => length < FEWEST_FOR_RUN)) return undefined;
  if (!(sorted[0] > 0)) return [sorted[0], sorted[sorted.length - 1]];
  let start = 0;
  const medians = runs.map((length) => {
    start += length;
    return median(slice(values, start - length, start));
  });
  return studentInterval(medians, sorted);
}

/** Half of the width of an interval over the median; 0 for a median of 0. */
export function relativeHalfWidth(
  middle: number,
  interval: readonly [number, number] | undefined,
): number | undefined {
  if (interval === undefined) return undefined;
  return middle > 0 ? (interval[1] - interval[0]) / 2 / middle : 0;
}

/**
 * [x(l), x(n+1-l)] with the largest l for which P(Binomial(n, 1/2) < l) <= 2.5 %; of fewer values than
 * `FEWEST_FOR_INTERVAL` their range, which holds the median less often.
 */
export function orderStatisticInterval(sorted: ArrayLike<number>): Interval {
  const n = sorted.length;
  const rank = Math.max(1, lowerRank(n));
  return [sorted[rank - 1], sorted[n - rank]];
}

function lowerRank(n: number): number {
  // Beyond this, 2^-n leaves the range of a double and the normal approximation is exact to a rank.
  if (n > 500) return Math.floor((n - NORMAL_975 * Math.sqrt(n)) / 2);
  let probability = 0.5 ** n;
  let cumulative = probability;
  let rank = 0;
  while (cumulative <= 0.025) {
    rank++;
    probability *= (n - rank + 1) / rank;
    cumulative += probability;
  }
  return rank;
}

function studentInterval(medians: readonly number[], sorted: Float64Array): Interval {
  const logs = medians.map(Math.log);
  const center = mean(logs);
  const squares = logs.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const standardError = Math.sqrt(squares / (logs.length - 1) / logs.length);
  const reach = Math.exp(student(logs.length) * standardError);
  const middle = quantile(sorted, 0.5);
  return [middle / reach, middle * reach];
}

/**
 * By how much neighbouring units that resemble each other widen the interval of what they have in
 * common: sqrt((1 + r) / (1 - r)) for a first-order process of autocorrelation r (F. Zwiers and H. von
 * Storch, Journal of Climate 8 (1995)). The estimate from k units is too low by about (1 + 3r) / k
 * (M. Kendall, Biometrika 41 (1954)), which is given back.
 */
function correlationFactor(medians: readonly number[]): number {
  const k = medians.length;
  if (k < FEWEST_FOR_CORRELATION) return 1;
  const center = mean(medians);
  let products = 0;
  let squares = 0;
  medians.forEach((value, i) => {
    squares += (value - center) ** 2;
    if (i > 0) products += (value - center) * (medians[i - 1] - center);
  });
  if (!(squares > 0)) return 1;
  const seen = products / squares;
  const r = Math.min(Math.max(0, seen + (1 + 3 * seen) / k), STRONGEST_CORRELATION);
  return Math.sqrt((1 + r) / (1 - r));
}

/** Stretches an interval about its middle on the logarithmic scale: a time is never negative. */
function widen([low, high]: Interval, middle: number, factor: number): Interval {
  return [
    middle * Math.min(1, low / middle) ** factor,
    middle * Math.max(1, high / middle) ** factor,
  ];
}

function slice(values: ArrayLike<number>, start: number, end: number): number[] {
  return Array.prototype.slice.call(values, start, end);
}

function bootstrapInterval(
  values: ArrayLike<number>,
  units: readonly Unit[],
  sorted: Float64Array,
  options: IntervalOptions,
): Interval {
  const resamples = options.resamples ?? RESAMPLES;
  const random = seededRandom(options.seed ?? SEED);
  const counts = new CumulativeCounts(values, units, sorted);
  const medians = new Float64Array(resamples);
  const weights = new Int32Array(units.length);
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < units.length; draw++) {
      const unit = Math.floor(random() * units.length);
      weights[unit]++;
    }
    medians[resample] = counts.median(weights);
  }
  medians.sort();
  const k = units.length;
  const percentiles: Interval = [quantile(medians, 0.025), quantile(medians, 0.975)];
  const widening = (Math.sqrt(k / (k - 1)) * student(k)) / NORMAL_975;
  return widen(percentiles, quantile(sorted, 0.5), widening);
}

/** Student's 97.5 % quantile for `units` observations; `unitsOf` bounds their number. */
export function student(units: number): number {
  return STUDENT_975[Math.min(units, MAX_UNITS) - 2] ?? NORMAL_975;
}

/** How many values of each unit lie at or below each point of a grid of order statistics. */
class CumulativeCounts {
  readonly #grid: Float64Array;
  readonly #sizes: Int32Array;
  /** [grid point][unit], so that one look-up reads neighbouring numbers. */
  readonly #atOrBelow: Int32Array;

  constructor(values: ArrayLike<number>, units: readonly Unit[], sorted: Float64Array) {
    const points = Math.min(GRID, sorted.length);
    this.#grid = Float64Array.from({ length: points }, (_, i) => {
      return sorted[Math.ceil(((i + 1) * sorted.length) / points) - 1];
    });
    this.#sizes = Int32Array.from(units, ({ start, end }) => end - start);
    this.#atOrBelow = new Int32Array(points * units.length);
    units.forEach(({ start, end }, unit) => {
      for (let i = start; i < end; i++) {
        const cell = this.#pointAtOrAbove(values[i]) * units.length + unit;
        this.#atOrBelow[cell]++;
      }
    });
    for (let cell = units.length; cell < this.#atOrBelow.length; cell++) {
      this.#atOrBelow[cell] += this.#atOrBelow[cell - units.length];
    }
  }

  /** The median of the values when each unit counts as often as its weight says. */
  median(weights: Int32Array): number {
    let total = 0;
    for (let unit = 0; unit < weights.length; unit++) {
      total += weights[unit] * this.#sizes[unit];
    }
    const low = this.#smallest(Math.ceil(total / 2), weights);
    return total % 2 === 1 ? low : (low + this.#smallest(total / 2 + 1, weights)) / 2;
  }

  /** The rank-th smallest value under these weights. */
  #smallest(rank: number, weights: Int32Array): number {
    let from = 0;
    let to = this.#grid.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      let below = 0;
      const row = middle * weights.length;
      for (let unit = 0; unit < weights.length; unit++) {
        below += weights[unit] * this.#atOrBelow[row + unit];
      }
      if (below >= rank) to = middle;
      else from = middle + 1;
    }
    return this.#grid[from];
  }

  #pointAtOrAbove(value: number): number {
    let from = 0;
    let to = this.#grid.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#grid[middle] >= value) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
