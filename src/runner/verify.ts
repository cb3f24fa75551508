import type { Check } from '../workloads/types.js';
import type { CheckOutcome } from './protocol.js';

/** Compares every value of a check; a value that is not finite is wrong. */
export function compareWithReference(check: Check): CheckOutcome {
  const { name, tensor, actual, expected, tolerance } = check;
  let maxAbsError = 0;
  let maxRelError = 0;
  let worstExcess = Number.NEGATIVE_INFINITY;
  let worstIndex = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    const magnitude = Math.abs(expected[i]);
    const excess = error - (tolerance.abs + tolerance.rel * magnitude);
    // Negated comparisons, so that NaN counts as the largest.
    if (!(error <= maxAbsError)) maxAbsError = error;
    if (magnitude > 0 && !(error / magnitude <= maxRelError)) maxRelError = error / magnitude;
    if (!(excess <= worstExcess)) {
      worstExcess = excess;
      worstIndex = i;
      if (Number.isNaN(excess)) break;
    }
  }
  const ok = actual.length === expected.length && worstExcess <= 0;
  return {
    name,
    tensor,
    compared: expected.length,
    maxAbsError: finite(maxAbsError),
    maxRelError: finite(maxRelError),
    tolerance,
    ok,
    ...(ok
      ? {}
      : {
          worst: {
            index: worstIndex,
            expected: finite(expected[worstIndex]),
            actual: finite(actual[worstIndex]),
          },
        }),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
