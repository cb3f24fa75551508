import { MpsbenchError } from '../errors.js';
import { largestFinite } from '../graph/shapes.js';
import type { DType } from '../result/dtypes.js';
import type { CheckOutcome } from '../result/schema.js';
import { formatValue } from '../workloads/format.js';
import { largest } from '../workloads/tolerance.js';
import type { Check } from '../workloads/types.js';

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

/**
 * The outcomes of the same checks over several spans as one each: all values that were compared, the
 * largest errors, and the rest from the last span, which is the wrong one if there is one.
 */
export function mergeOutcomes(spans: readonly (readonly CheckOutcome[])[]): CheckOutcome[] {
  const last = spans.at(-1) ?? [];
  return last.map((outcome, check) => {
    const all = spans.map((outcomes) => outcomes[check]);
    return {
      ...outcome,
      compared: all.reduce((sum, { compared }) => sum + compared, 0),
      maxAbsError: largestError(all.map(({ maxAbsError }) => maxAbsError)),
      maxRelError: largestError(all.map(({ maxRelError }) => maxRelError)),
    };
  });
}

/** Null, which is an error that is not finite, is the largest. */
function largestError(errors: readonly (number | null)[]): number | null {
  return errors.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
}

/**
 * Nobody is to blame where the values of the problem do not fit the dtype: the first wrong check
 * decides, since later ones may be made of what it found wrong.
 * @param diverged whether skipped iterations led to values that are not finite, though the checked
 *   ones are right
 * @throws MpsbenchError `usage` with the advice
 */
export function requireRange(
  checks: readonly Check[],
  outcomes: readonly CheckOutcome[],
  dtype: DType,
  diverged: boolean,
  advice: string,
): void {
  const wrong = checks[outcomes.findIndex(({ ok }) => !ok)];
  const magnitude = wrong ? (wrong.magnitude ?? largest(wrong.expected)) : 0;
  const limit = largestFinite(dtype);
  // Negated, so that NaN counts as too large.
  const overflows = !(magnitude <= limit);
  if (!overflows && (wrong || !diverged)) return;
  const reached = Number.isFinite(magnitude)
    ? `takes values up to ${formatValue(magnitude)}`
    : 'takes values that are not finite';
  const why = wrong
    ? `the reference of "${wrong.name}" ${reached}`
    : 'its first step is right, and later ones lead to values that are not finite';
  throw new MpsbenchError(
    'usage',
    `The problem itself overflows ${dtype}, which ends at ${formatValue(limit)}: ${why}.`,
    advice,
  );
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
