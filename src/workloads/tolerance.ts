import { factorRoundoff, type Precision } from '../graph/precision.js';
import { smallestSubnormal, unitRoundoff } from '../graph/shapes.js';
import type { DType } from '../result/dtypes.js';
import type { Tolerance } from './types.js';

/**
 * How many standard deviations of the modelled rounding error are allowed. Rounding errors of a sum
 * behave like a random walk (Higham & Mary 2019, "A new approach to probabilistic rounding error
 * analysis"); the largest of 10^8 normal values lies near 5.7 sigma.
 */
const SIGMAS = 6;

export interface SumOptions {
  /** How many tensors stored at this dtype lie between inputs and result. */
  readonly roundings?: number;
  /**
   * How many products, one feeding the next, lie between inputs and result: each rounds two factors
   * where the precision computes products in a shorter format.
   */
  readonly products?: number;
  /** What gradual underflow costs; added. */
  readonly underflow?: number;
}

/**
 * Tolerance for sums of `terms` values whose results have the root mean square `rms`: the error
 * of accumulating in any order, u * sqrt(terms), of rounding the tensors on the way, and of rounding
 * the factors of products, all independent. It is relative to `rms` for sums that cancel, and to the
 * value itself for sums of one sign.
 */
export function sumTolerance(
  precision: Precision,
  terms: number,
  rms: number,
  { roundings = 1, products = 0, underflow = 0 }: SumOptions = {},
): Tolerance {
  const { dtype } = precision;
  const stored = unitRoundoff(dtype) * Math.sqrt(accumulatedTerms(dtype, terms) + roundings);
  const factors = factorRoundoff(precision) * Math.sqrt(2 * products);
  const rel = SIGMAS * Math.hypot(stored, factors);
  return { abs: rel * rms + SIGMAS * underflow, rel };
}

/**
 * Where 16-bit dtypes are summed in f32, as every backend here does, accumulation costs nothing
 * that shows at 16 bits; f32 and f64 are summed at their own precision.
 */
function accumulatedTerms(dtype: DType, terms: number): number {
  return dtype === 'f32' || dtype === 'f64' ? terms : 1;
}

/** The error of a sum of `terms` values that each lie in the subnormal range of the dtype. */
export function underflowError(dtype: DType, terms: number): number {
  return smallestSubnormal(dtype) * Math.sqrt(terms);
}

export function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / Math.max(1, values.length));
}

/** The largest magnitude; NaN where a value is. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}
