/**
 * Readings are whole nanoseconds, and the period of a clock need not be (24 MHz: 41.67 ns): a
 * distance between two of them is off by less than this from a multiple of the period.
 */
const ROUNDING_NS = 1;

/** Any numbers are that close to multiples of a period below this. */
const SHORTEST_PERIOD_NS = 4 * ROUNDING_NS;

/**
 * The step of a clock, in nanoseconds: the longest period of which all distances between its readings
 * are multiples. (The shortest distance is not a measure of it: that is how long an empty pass takes.)
 * Undefined if all readings are equal.
 */
export function clockStepNs(readings: BigUint64Array): number | undefined {
  const sorted = readings.toSorted();
  const sinceFirst = Array.from(sorted, (reading) => Number(reading - sorted[0]));
  const gaps = sinceFirst.map((time, i) => time - (sinceFirst[i - 1] ?? 0));
  const shortest = Math.min(...positive(gaps));
  if (!Number.isFinite(shortest)) return undefined;
  const whole = gaps.reduce(greatestCommonDivisor, 0);
  if (whole > 1) return whole;

  // Short distances first: they leave no doubt about how many periods they are.
  const distances = [...positive(gaps), ...positive(sinceFirst)];
  for (let count = 1; shortest / count >= SHORTEST_PERIOD_NS; count++) {
    const period = periodOf(distances, count);
    if (period !== undefined) return Number(period.toPrecision(4));
  }
  return whole;
}

/** The period that fits all distances where the first of them is `count` periods, if one does. */
function periodOf([shortest, ...others]: readonly number[], count: number): number | undefined {
  let low = (shortest - ROUNDING_NS) / count;
  let high = (shortest + ROUNDING_NS) / count;
  for (const distance of others) {
    const fewest = Math.floor((distance - ROUNDING_NS) / high) + 1;
    const most = Math.ceil((distance + ROUNDING_NS) / low) - 1;
    if (fewest > most) return undefined;
    // More than one number of periods would do: this distance says nothing.
    if (fewest < most) continue;
    low = Math.max(low, (distance - ROUNDING_NS) / fewest);
    high = Math.min(high, (distance + ROUNDING_NS) / fewest);
    if (low >= high) return undefined;
  }
  return (low + high) / 2;
}

/** Ascending, without zeros. */
function positive(distances: readonly number[]): number[] {
  return distances.filter((distance) => distance > 0).sort((left, right) => left - right);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
