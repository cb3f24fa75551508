/** From which size on is a subject faster than the baseline? Pure functions over measured speedups. */

/** One measured size of a curve. */
export interface SpeedupPoint {
  readonly size: number;
  /** Above 1, the subject is faster than the baseline. */
  readonly value: number;
  /** 95 %; missing if there were too few samples: nothing is decided by such a point. */
  readonly interval?: readonly [number, number] | undefined;
}

export type Crossover =
  | {
      /** It loses, or ties, at `below`, and wins at `from` and all larger sizes. */
      readonly state: 'between';
      readonly below: number;
      readonly from: number;
    }
  | {
      /** It wins at every size measured, of which `from` is the smallest. */
      readonly state: 'always';
      readonly from: number;
    }
  | {
      /** It does not win at the largest size measured. */
      readonly state: 'never';
      readonly upTo: number;
    }
  | {
      /** The speedup at the largest size has no interval: it was disturbed, or had too few samples. */
      readonly state: 'unknown';
      readonly upTo: number;
    };

/** A bracket whose ends are this near to each other is not divided further. */
export const BRACKET_RATIO = 1.25;

/** A median this low is a loss, whatever disturbed it. */
const CLEARLY_SLOWER = 0.5;

/**
 * The smallest measured size from which the subject beats the baseline at all larger ones. It beats it where the
 * whole interval of the speedup lies above 1.
 *
 * As with the offload threshold of GPU-BLOB (UoB-HPC), one noisy size does not reset it: a tie (its interval holds 1)
 * whose median is above 1 counts as a win where both of its neighbours win. A loss always resets it.
 * @returns undefined without any size
 */
export function crossoverOf(points: readonly SpeedupPoint[]): Crossover | undefined {
  const sorted = [...points].sort((a, b) => a.size - b.size);
  const [smallest] = sorted;
  const largest = sorted.at(-1);
  if (smallest === undefined || largest === undefined) return undefined;
  if (largest.interval === undefined && largest.value > CLEARLY_SLOWER) {
    return { state: 'unknown', upTo: largest.size };
  }
  const wins = sorted.map((_, index) => winsAt(sorted, index));
  const lastDoubt = wins.lastIndexOf(false);
  if (lastDoubt === sorted.length - 1) return { state: 'never', upTo: largest.size };
  if (lastDoubt === -1) return { state: 'always', from: smallest.size };
  return { state: 'between', below: sorted[lastDoubt].size, from: sorted[lastDoubt + 1].size };
}

function winsAt(sorted: readonly SpeedupPoint[], index: number): boolean {
  const { value, interval } = sorted[index];
  if (isWin(sorted[index])) return true;
  const isLoss = (interval?.[1] ?? value) < 1;
  return value > 1 && !isLoss && isWin(sorted[index - 1]) && isWin(sorted[index + 1]);
}

function isWin(point: SpeedupPoint | undefined): boolean {
  return point?.interval !== undefined && point.interval[0] > 1;
}

/** The whole size to measure next, the geometric middle of the bracket; undefined where it is narrow enough. */
export function bisectionSize(crossover: Crossover | undefined): number | undefined {
  if (crossover?.state !== 'between') return undefined;
  const { below, from } = crossover;
  if (from / below <= BRACKET_RATIO || from - below < 2) return undefined;
  const middle = Math.round(Math.sqrt(below * from));
  return Math.min(Math.max(middle, below + 1), from - 1);
}

/** Speedups this near to that of the largest size are the same to a reader. */
const PLATEAU_SHARE = 0.1;

/**
 * Where the speedup levels off: the smallest size from which on it stays within 10 % of that of the largest size.
 * @returns undefined without any size
 */
export function plateauOf(
  points: readonly SpeedupPoint[],
): { readonly from: number; readonly value: number } | undefined {
  const sorted = [...points].sort((a, b) => a.size - b.size);
  const last = sorted.at(-1);
  if (last === undefined) return undefined;
  const differs = sorted.findLastIndex(
    ({ value }) => Math.abs(Math.log(value / last.value)) > Math.log(1 + PLATEAU_SHARE),
  );
  return { from: sorted[differs + 1].size, value: last.value };
}
