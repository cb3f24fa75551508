import { type BenchContext, runBench } from '../../bench/run-bench.js';
import type { BenchSettings, ChosenWorkload } from '../../bench/settings.js';
import { compareResults } from '../../compare/compare-results.js';
import type { NamedResult } from '../../compare/pool.js';
import { checkThresholds, thresholdsExitCode } from '../../compare/thresholds.js';
import { isConfirmable } from '../../compare/verdict.js';
import { MpsbenchError } from '../../errors.js';
import { EXIT, worstExitCode } from '../../exit-codes.js';
import { largest } from '../../measure/extremes.js';
import type { BenchResult, ComparedRow } from '../../result/schema.js';
import type { Params } from '../../workloads/types.js';
import { isSameRow, withConfirmed } from '../compare/again.js';
import type { GateFlags } from '../compare/compare-options.js';
import { readSide, type Side } from '../compare/read-side.js';

/** What the comparison calls the result of this command. */
const THIS_RUN = 'this run';

/**
 * Runs a bench within its budget, compares it with its baseline, and holds it against its thresholds.
 * The baseline is read first, so that no measurement is wasted.
 */
export async function runGated(
  settings: BenchSettings,
  flags: GateFlags,
  context: BenchContext,
): Promise<BenchResult> {
  requireBaseline(flags);
  const base =
    flags.baseline === undefined
      ? undefined
      : await readSide('--baseline', flags.baseline, new Map(), context.signal);
  const result = await runBench(settings, context);
  const compared = base ? await withComparison(result, settings, base, flags, context) : result;
  return withThresholds(compared, flags);
}

/** Less time than this is not worth starting workers for. */
const SHORTEST_AGAIN_MS = 1000;

/** @throws MpsbenchError `usage` for flags of a comparison without one */
function requireBaseline({ baseline, confirm, tolerance, unclear }: GateFlags): void {
  if (baseline !== undefined) return;
  const flag =
    (confirm && '--confirm') ||
    (tolerance && '--tolerance') ||
    (unclear === 'fail' && '--unclear fail');
  if (!flag) return;
  throw new MpsbenchError(
    'usage',
    `${flag} needs a baseline to compare with.`,
    'Add --baseline FILE: a result that --json saved.',
  );
}

async function withComparison(
  result: BenchResult,
  settings: BenchSettings,
  base: Side,
  flags: GateFlags,
  context: BenchContext,
): Promise<BenchResult> {
  const options = { tolerances: flags.tolerance ?? [], unclear: flags.unclear };
  const now: NamedResult = { name: THIS_RUN, result };
  const first = compareResults(base.results, [now], options);
  const due = flags.confirm ? first.rows.filter(isConfirmable) : [];
  const again =
    due.length > 0
      ? await measureAgain(settings, due, { ...context, onWorkload: undefined })
      : undefined;
  const comparison = again
    ? withConfirmed(compareResults(base.results, [now, again], options), again.result.rows)
    : first;
  return {
    ...result,
    exitCode: worstExitCode([
      result.exitCode,
      comparison.exitCode,
      ...(context.signal.aborted ? [EXIT.interrupted] : []),
    ]),
    comparison: {
      base: comparison.base,
      rows: comparison.rows,
      unclear: comparison.unclear,
      warnings: [...base.warnings, ...comparison.warnings],
      ...(again && { again: again.result.rows }),
    },
  };
}

/**
 * Measures rows again in fresh processes, next to the same devices as before, in as many runs as the
 * baseline has if these are more.
 */
async function measureAgain(
  settings: BenchSettings,
  due: readonly ComparedRow[],
  context: BenchContext,
): Promise<NamedResult | undefined> {
  if (context.signal.aborted) return undefined;
  // What is measured again shares the time limit of the command.
  const { budgetMs = Number.POSITIVE_INFINITY } = settings;
  if (budgetMs - performance.now() < SHORTEST_AGAIN_MS) return undefined;
  const workloads = problemsOf(settings, due);
  if (workloads.length === 0) return undefined;
  const runs = largest([settings.runs, ...due.flatMap(({ base }) => base?.runs ?? [])]);
  const { measure } = settings;
  const result = await runBench(
    {
      ...settings,
      runs,
      workloads,
      // The runs share the time: each gets as much as before.
      measure: { ...measure, timeBudgetNs: (measure.timeBudgetNs * runs) / settings.runs },
      saveTensors: undefined,
      profile: false,
    },
    // Sections of the table are printed for the first measurement only.
    { ...context, onWorkload: undefined },
  );
  const rows = result.rows.filter((row) => due.some((one) => isSameRow(one, row)));
  return { name: `${THIS_RUN}, again`, result: { ...result, rows } };
}

/** What a sweep can vary besides sizes and dtypes. */
const CHOICES = ['threads', 'engine', 'kernels', 'mode'];

/** Each problem once, points of a sweep separately. */
function problemsOf(settings: BenchSettings, due: readonly ComparedRow[]): ChosenWorkload[] {
  const problems = new Map<string, ChosenWorkload>();
  for (const { workload: id, params, dtype, point } of due) {
    // Other choices of a sweep than its sizes stay as they are.
    if (dtype !== settings.dtype || CHOICES.some((name) => point?.[name] !== undefined)) continue;
    const chosen = settings.workloads.find(({ workload }) => workload.id === id);
    if (!chosen) continue;
    const { workload } = chosen;
    problems.set(JSON.stringify([id, params]), { workload, params: params as Params });
  }
  return [...problems.values()];
}

function withThresholds(result: BenchResult, flags: GateFlags): BenchResult {
  const { minSpeedup = [], maxTime = [], requireDevice = [] } = flags;
  const thresholds = checkThresholds(result, { minSpeedup, maxTime, requireDevice });
  if (thresholds.length === 0) return result;
  const exitCode = worstExitCode([result.exitCode, thresholdsExitCode(thresholds)]);
  return { ...result, exitCode, thresholds };
}
