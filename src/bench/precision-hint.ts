import type { DType } from '../result/dtypes.js';
import type { CheckOutcome } from '../result/schema.js';

/** Half a unit in the last place of a factor with 11 significant bits (TF32, f16). */
const ROUNDING_11_BITS = 2 ** -11;
/** How far around that rounding an error may lie and still look like it. */
const BELOW = 1 / 16;
const ABOVE = 4;

/**
 * What the size of a wrong result's error suggests, as a sentence: a device that rounds the factors of
 * f32 products to TF32, or adds f16 products in f16, is off by about 2^-11 and not by whole values.
 */
export function precisionHint(
  { worst }: Pick<CheckOutcome, 'worst'>,
  dtype: DType,
): string | undefined {
  if (worst?.actual == null || !worst.expected) return undefined;
  const error = Math.abs(worst.actual - worst.expected) / Math.abs(worst.expected);
  if (dtype === 'f32' && error >= ROUNDING_11_BITS * BELOW && error <= ROUNDING_11_BITS * ABOVE) {
    return `Its relative error of ${error.toPrecision(2)} fits products with TF32 factors.`;
  }
  // A sum in f16 loses a rounding at each of its additions.
  if (dtype === 'f16' && error > ROUNDING_11_BITS * ABOVE && error < 0.25) {
    return `Its relative error of ${error.toPrecision(2)} fits sums that were added up in f16.`;
  }
  return undefined;
}
