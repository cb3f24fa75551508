import { runSpread, runsToReach } from '../measure/run-ratio.js';
import type { ComparedRow, Warning } from '../result/schema.js';
import { formatPercent } from '../result/units.js';
import type { PooledTimes } from './pool.js';

/** More runs than anybody makes: each starts a process. */
const MOST_RUNS = 100;

/**
 * How many runs per side would settle an unclear row: with these, the interval reaches half as far as the tolerance.
 * Undefined for other rows, where a side has a single run, and where there are that many runs already: the change is then
 * close to the tolerance itself.
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
  if (runs !== undefined && runs <= Math.min(base.runs, now.runs)) return undefined;
  return {
    name: 'unclear',
    message:
      `${workload} on ${device} is unclear: runs vary by ${formatPercent(spread)}, too much for its ` +
      `tolerance with ${base.runs} runs in BASE and ${now.runs} in NEW.`,
    advice:
      runs === undefined
        ? 'Use a quieter machine or a wider --tolerance.'
        : `Use --runs ${runs} on both sides, including the baseline, or a wider --tolerance.`,
  };
}
