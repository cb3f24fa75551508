import { largest, smallest } from './extremes.js';
import { student } from './median-interval.js';

/** One measured size of a time curve. */
export interface TimePoint {
  /** What an iteration has to do, in any unit that time is proportional to: FLOPs. */
  readonly work: number;
  /** Nanoseconds per iteration. */
  readonly ns: number;
  /** 95 % interval of `ns`. */
  readonly interval?: readonly [number, number] | undefined;
}

export interface Overhead {
  /** Nanoseconds that an iteration needs however little it has to do. */
  readonly ns: number;
  /** 95 %. */
  readonly interval: readonly [number, number];
}

/** Sizes that take longer than this many times the fastest say little about the floor. */
const WINDOW = 4;
const FEWEST_POINTS = 3;
/** No time is trusted further than this share of it: clocks and caches differ from size to size. */
const FINEST_SHARE = 0.005;
/** A floor with more uncertainty is not reported. */
const ROUGHEST_SHARE = 0.3;
const NORMAL_975 = 1.959964;

/**
 * The floor of a time curve: the intercept of t = overhead + work x rate, by least squares over the smallest sizes,
 * each weighted by its precision. The line is fitted only if the floor matters, since time is linear in work over
 * a few multiples of it but not over caches, clocks and tilings. Standard errors grow where the line fits worse than
 * the intervals of the times allow (R. Birge, Physical Review 40 (1932)).
 * @returns undefined if the sizes do not show a floor: too few, or all dominated by the work
 */
export function overheadOf(points: readonly TimePoint[]): Overhead | undefined {
  const fastest = smallest(points.map(({ ns }) => ns));
  const near = points.filter(({ ns }) => ns > 0 && ns <= WINDOW * fastest);
  if (near.length < FEWEST_POINTS) return undefined;
  // Around 1, so that the sums below lose no digits.
  const unit = largest(near.map(({ work }) => work));
  const terms = near.map(({ work, ns, interval }) => {
    const half = interval ? (interval[1] - interval[0]) / 2 / NORMAL_975 : 0;
    const sigma = Math.max(half, FINEST_SHARE * ns);
    return { x: work / unit, y: ns, weight: 1 / sigma ** 2 };
  });
  const fit = lineThrough(terms) ?? levelOf(terms);
  const freedom = near.length - fit.parameters;
  const misfit = Math.max(1, fit.chiSquare / Math.max(1, freedom));
  const reach = student(freedom + 1) * Math.sqrt(fit.variance * misfit);
  if (!(fit.intercept > 0) || reach > ROUGHEST_SHARE * fit.intercept) return undefined;
  return { ns: fit.intercept, interval: [fit.intercept - reach, fit.intercept + reach] };
}

interface Term {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

interface Fit {
  readonly intercept: number;
  /** Of the intercept. */
  readonly variance: number;
  readonly chiSquare: number;
  readonly parameters: number;
}

/** Undefined if time does not grow with work, so that the curve is all floor. */
function lineThrough(terms: readonly Term[]): Fit | undefined {
  const sum = (of: (term: Term) => number) => terms.reduce((total, term) => total + of(term), 0);
  const s = sum(({ weight }) => weight);
  const sx = sum(({ weight, x }) => weight * x);
  const sy = sum(({ weight, y }) => weight * y);
  const sxx = sum(({ weight, x }) => weight * x * x);
  const sxy = sum(({ weight, x, y }) => weight * x * y);
  const determinant = s * sxx - sx * sx;
  const slope = (s * sxy - sx * sy) / determinant;
  if (!(determinant > 0) || !(slope > 0)) return undefined;
  const intercept = (sxx * sy - sx * sxy) / determinant;
  const chiSquare = sum(({ weight, x, y }) => weight * (y - intercept - slope * x) ** 2);
  return { intercept, variance: sxx / determinant, chiSquare, parameters: 2 };
}

function levelOf(terms: readonly Term[]): Fit {
  const s = terms.reduce((total, { weight }) => total + weight, 0);
  const intercept = terms.reduce((total, { weight, y }) => total + weight * y, 0) / s;
  const chiSquare = terms.reduce(
    (total, { weight, y }) => total + weight * (y - intercept) ** 2,
    0,
  );
  return { intercept, variance: 1 / s, chiSquare, parameters: 1 };
}
