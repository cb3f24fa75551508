import { EXIT, type ExitCode } from '../exit-codes.js';
import type { ComparedRow, CompareResult, Warning } from '../result/schema.js';
import { compareSides } from './compare-sides.js';
import { type NamedResult, poolSide } from './pool.js';
import type { ToleranceRule } from './tolerance.js';

export interface CompareOptions {
  readonly tolerances: readonly ToleranceRule[];
  /** What `unclear` means for the exit code. */
  readonly unclear: 'pass' | 'fail';
}

/** All of a comparison but what the head of a result holds. */
export type Comparison = Pick<
  CompareResult,
  'base' | 'new' | 'rows' | 'unclear' | 'warnings' | 'exitCode'
>;

/** Pools each side, matches the rows and judges them; pure. */
export function compareResults(
  base: readonly NamedResult[],
  now: readonly NamedResult[],
  options: CompareOptions,
): Comparison {
  const [before, after] = [poolSide(base), poolSide(now)];
  const { rows, unmatched, advice } = compareSides(before, after, options.tolerances);
  return {
    base: sideOf(base),
    new: sideOf(now),
    rows,
    ...(options.unclear === 'fail' && { unclear: options.unclear }),
    warnings: [
      ...[...before.leftOut, ...after.leftOut].map(
        warning('left-out', 'Compare results of one machine at a time.'),
      ),
      ...unmatched.map(warning('unmatched', '')),
      ...advice,
      ...(rows.length > 0
        ? []
        : [
            warning(
              'no-common-rows',
              'Measure the same workload on the same device on both sides.',
            )('BASE and NEW have no row in common.'),
          ]),
    ],
    exitCode: comparisonExitCode(rows, options),
  };
}

/** 1 for a row that is slower or wrong, 2 where something could not be compared, else 0. */
export function comparisonExitCode(
  rows: readonly Pick<ComparedRow, 'verdict'>[],
  { unclear }: Pick<CompareOptions, 'unclear'>,
): ExitCode {
  const has = (...verdicts: ComparedRow['verdict'][]) => {
    return rows.some(({ verdict }) => verdicts.includes(verdict));
  };
  if (has('slower', 'wrong')) return EXIT.finding;
  if (unclear === 'fail' && has('unclear')) return EXIT.finding;
  return rows.length === 0 || has('not-comparable', 'failed') ? EXIT.unchecked : EXIT.ok;
}

function sideOf(results: readonly NamedResult[]): CompareResult['base'] {
  return {
    files: results.map(({ name, result: { startedAt, tool } }) => {
      return { name, startedAt, version: tool.version };
    }),
  };
}

function warning(name: string, advice: string): (message: string) => Warning {
  return (message) => ({ name, message, advice });
}
