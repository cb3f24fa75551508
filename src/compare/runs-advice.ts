import { runSpread, runsToReach } from '../measure/run-ratio.js';
import type { ComparedRow, Warning } from '../result/schema.js';
import type { PooledTimes } from './pool.js';

/** More runs than anybody makes: each starts a process. */
const MOST_RUNS = 100;

/**
 * How an unclear row becomes clear: in how many runs a side the interval would reach half as far as the tolerance, so that
 * no change is told from one that exceeds it. Undefined for other rows, and where a side has a single run.
 */
export function runsAdvice(
  { workload, device, verdict, tolerance }: ComparedRow,
  base: PooledTimes | undefined,
  now: PooledTimes | undefined,
): Warning | undefined {
  if (verdict !== 'unclear' || !base?.runMedians || !now?.runMedians) return undefined;
  if (base.runs < 2 || now.runs < 2) return undefined;
  const spread = runSpread(base.runMedians, now.runMedians);
  const runs = runsToReach(spread, tolerance / 2, MOST_RUNS);
  const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;
  return {
    name: 'unclear',
    message:
      `${workload} on ${device} is unclear: its runs differ by ${percent(spread)}, too much for ` +
      `a tolerance of ${percent(tolerance)} with ${base.runs} and ${now.runs} runs.`,
    advice:
      runs === undefined
        ? `More than ${MOST_RUNS} runs a side would be needed: measure on a quieter machine, or use a wider --tolerance.`
        : `About ${runs} runs on both sides (--runs ${runs}, for the baseline too) would decide it, or a wider --tolerance.`,
  };
}
