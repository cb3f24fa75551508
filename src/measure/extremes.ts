/**
 * The largest of many numbers. `Math.max(...values)` puts every value on the call stack, which ends at some 100,000.
 * @returns -Infinity for none
 */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

/** The smallest of many numbers; Infinity for none. */
export function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}
