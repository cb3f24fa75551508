import { Command } from 'commander';
import { type BenchContext, runBench } from '../../bench/run-bench.js';
import type { BenchSettings } from '../../bench/settings.js';
import {
  type CompareOptions,
  type Comparison,
  compareResults,
} from '../../compare/compare-results.js';
import type { NamedResult } from '../../compare/pool.js';
import { isConfirmable } from '../../compare/verdict.js';
import { MpsbenchError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { largest } from '../../measure/extremes.js';
import type { BenchResult, ComparedRow, Warning } from '../../result/schema.js';
import { findWorkload } from '../../workloads/registry.js';
import { type BenchFlags, readSettings } from '../bench/read-settings.js';
import { addBenchFlags } from '../bench.js';
import { isSameRow, withConfirmed } from './again.js';

/**
 * `compare --confirm`: measures rows that are not the same again on this machine, in fresh processes and in
 * as many runs as the larger side has, and judges with the runs of both. It makes sense where NEW comes
 * from this machine: runs of another one are left out, with a warning.
 */
export async function confirmComparison(
  first: Comparison,
  base: readonly NamedResult[],
  now: readonly NamedResult[],
  options: CompareOptions,
  context: BenchContext,
): Promise<Comparison> {
  const again: NamedResult[] = [];
  const warnings: Warning[] = [];
  for (const row of first.rows.filter(isConfirmable)) {
    if (context.signal.aborted) break;
    try {
      again.push({ name: 'measured again', result: await measureRow(row, context) });
    } catch (thrown) {
      const { message, advice } = MpsbenchError.from(thrown);
      warnings.push({
        name: 'not-confirmed',
        message: `${row.workload} on ${row.device} could not be measured again: ${message}`,
        advice,
      });
    }
  }
  const rows = again.flatMap(({ result }) => result.rows);
  const judged = compareResults(base, [...now, ...again], options);
  const confirmed = withConfirmed(judged, rows);
  return {
    ...confirmed,
    ...(context.signal.aborted && { exitCode: EXIT.interrupted }),
    new: first.new,
    warnings: [...confirmed.warnings, ...warnings],
  };
}

async function measureRow(row: ComparedRow, context: BenchContext): Promise<BenchResult> {
  const settings = settingsOf(row.reproduce ?? '');
  const runs = largest([settings.runs, row.base?.runs ?? 0, row.new?.runs ?? 0]);
  const { measure } = settings;
  const result = await runBench(
    {
      ...settings,
      runs,
      // The runs share the time: each gets as much as before.
      measure: { ...measure, timeBudgetNs: (measure.timeBudgetNs * runs) / settings.runs },
      profile: false,
      saveTensors: undefined,
    },
    context,
  );
  if (result.error) throw MpsbenchError.from(result.error);
  return { ...result, rows: result.rows.filter((one) => isSameRow(row, one)) };
}

/**
 * The settings of a row's `reproduce` line. It comes from a file: it is only ever read as flags of
 * `bench`, never run by a shell, and what it says about output is ignored.
 * @throws MpsbenchError `usage`
 */
export function settingsOf(reproduce: string): BenchSettings {
  const [program, bench, id = '', ...flags] = reproduce.split(' ');
  const workload = program === 'mpsbench' && bench === 'bench' ? findWorkload(id) : undefined;
  if (!workload) throw unreadable();
  const command = addBenchFlags(new Command('bench').exitOverride(), [workload]);
  command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  try {
    command.parse(flags, { from: 'user' });
  } catch (cause) {
    throw unreadable(cause);
  }
  return readSettings([workload], command.opts<BenchFlags>());
}

function unreadable(cause?: unknown): MpsbenchError {
  return new MpsbenchError(
    'usage',
    'its "reproduce" line cannot be read.',
    'Measure NEW again with this version of mpsbench.',
    { cause },
  );
}
