import { uptime } from 'node:os';
import { backendEntries } from '../backends/registry.js';
import { MpsbenchError } from '../errors.js';
import { findInterpreters, type Interpreter } from '../frameworks/interpreters.js';
import { ConcurrentRuns } from '../host/concurrent-runs.js';
import { conditionWarnings, readConditions, readHost } from '../host/index.js';
import { systemSource } from '../host/source.js';
import { optionsOfRun } from '../measure/measure.js';
import { resultHead } from '../result/head.js';
import type { BenchResult, DeviceInfo, Row, SweepRecord } from '../result/schema.js';
import { type Discovery, discover } from '../runner/discover.js';
import { StartedWorkers } from '../runner/started-workers.js';
import {
  concurrentWarnings,
  fallbackWarnings,
  otherLoadWarnings,
  resourcesOf,
  selectionWarnings,
  tf32Warnings,
} from './bench-warnings.js';
import { Budget, probeLimitMs } from './budget.js';
import { DeviceJob, type JobSettings, RunHistory } from './device-job.js';
import { exitCodeOf } from './exit-code.js';
import { expectationWarnings, withExpectations } from './expectation.js';
import { frameworkAdvice } from './framework-advice.js';
import { cpuOnlyWarnings, type FindCause, withCause } from './framework-causes.js';
import { kernelLevelFor } from './kernel-level.js';
import { withXids } from './lost-devices.js';
import { measureJobs } from './measure-jobs.js';
import { oddDeviceWarnings } from './odd-devices.js';
import type { Progress } from './progress.js';
import { addSpeedups, makeRow } from './row.js';
import { backendsNeeded, type Selection, selectDevices } from './select-devices.js';
import { frameworksNamed, missingFrameworks } from './select-frameworks.js';
import type { BenchSettings, ComparedWorkload } from './settings.js';
import { runSweep, type SweepContext } from './sweep/run-sweep.js';
import { tryTensorFolders } from './tensor-folders.js';
import { addTogether, measureTogether, togetherWarnings } from './together.js';

/** What a bench is given besides its settings. */
export interface BenchContext {
  /** The command line as the user typed it, without `node`. */
  readonly argv: readonly string[];
  /** Aborted by Ctrl-C: finish with what there is. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Given each workload's rows as soon as they are complete. */
  readonly onWorkload?: (done: FinishedWorkload) => void;
  /** Names the cause where a framework does not reach the GPU. */
  readonly findCause?: FindCause;
}

/** The part of a result that one workload adds. */
export type FinishedWorkload = Pick<BenchResult, 'rows' | 'devices' | 'reproduce' | 'sweeps'>;

/**
 * Finds the devices, then runs each workload on all of them: compile, verify, measure in alternating
 * blocks, and again in fresh processes. A device that fails has a row with the reason; the others
 * continue. If there is not a device to measure, the result has an error instead of rows.
 * @throws MpsbenchError `usage` for devices that cannot exist
 */
export async function runBench(
  settings: BenchSettings,
  { argv, signal, progress, onWorkload, findCause = async () => undefined }: BenchContext,
): Promise<BenchResult> {
  const head = resultHead(argv);
  const beganS = uptime();
  const started = new StartedWorkers();
  const choice = await chooseDevices(settings, started, { signal, findCause });
  const { found, selection, interpreters } = choice;
  const spentMs = performance.now();
  const runs = await ConcurrentRuns.begin({
    resources: resourcesOf(selection.devices),
    command: ['mpsbench', ...argv].join(' '),
    wait: settings.wait ?? false,
    signal,
    onWait: ({ pid, command }) => progress.phase(`waiting for ${command} (process ${pid})`),
  });
  // Starting and looking for devices counts, and waiting for others does not.
  const budget = Budget.ofCommand(settings.budgetMs, spentMs, signal);
  const error = choice.error ?? (signal.aborted ? INTERRUPTED : undefined);
  if (error) await started.close();
  const host = await readHost();
  const before = await readConditions();
  let after = before;
  const rows: Row[] = [];
  const sweeps: SweepRecord[] = [];
  const opened = new Map(selection.devices.map((device) => [device.id, device]));
  const steps = new Steps(settings, selection.devices.length, progress);
  for (const [index, chosen] of error ? [] : settings.workloads.entries()) {
    const levelOf = (choices: Pick<BenchSettings, 'kernels' | 'engine'>) => {
      return kernelLevelFor(chosen, choices, selection.devices, found.fused);
    };
    const compared = { ...chosen, kernels: levelOf(settings) };
    const opening = { ...settings, interpreters, started };
    const part = budget.share(settings.workloads.length - index);
    const context = { settings: opening, selection, signal, budget: part, progress, levelOf };
    if (chosen.sweep) progress.phase(`${chosen.workload.id}, sweep`);
    const done = chosen.sweep
      ? await runSweep(compared, chosen.sweep, context)
      : await runWorkload(compared, context, steps);
    if (done.sweep) sweeps.push(done.sweep);
    for (const device of done.fallbacks) {
      opened.set(device.id, opened.get(device.id) ?? device);
    }
    after = await readConditions();
    const explained = await withXids(done.rows, opened, beganS);
    const judged = withExpectations(explained, opened, [before, after]);
    rows.push(...judged);
    onWorkload?.({
      rows: judged,
      devices: [...opened.values()],
      reproduce: head().reproduce,
      sweeps: done.sweep && [done.sweep],
    });
    if (signal.aborted) break;
  }
  const others = runs.end();
  return {
    ...head(),
    command: 'bench',
    exitCode: error?.exitCode ?? exitCodeOf(rows, signal.aborted),
    error: error?.toJSON(),
    host,
    backends: [...found.backends],
    devices: [...opened.values()],
    warnings: [
      ...selectionWarnings(settings.compareCpu, selection, found),
      ...(await cpuOnlyWarnings(selection, found, interpreters, findCause)),
      ...tf32Warnings(settings, selection.devices, rows),
      ...fallbackWarnings(rows),
      ...frameworkAdvice(rows, opened),
      ...expectationWarnings(rows),
      ...oddDeviceWarnings(rows, opened),
      ...togetherWarnings(settings.together ?? false, rows),
      ...concurrentWarnings(others),
      ...otherLoadWarnings(host, rows),
      ...conditionWarnings(host, before, after),
    ],
    conditions: { before, after },
    rows,
    sweeps: sweeps.length > 0 ? sweeps : undefined,
  };
}

const INTERRUPTED = new MpsbenchError('interrupted', 'Interrupted before anything was measured.');

/** What is here, and what of it to measure: no device where there is an error. */
interface Choice {
  readonly found: Discovery;
  readonly selection: Selection;
  readonly interpreters: readonly Interpreter[];
  readonly error?: MpsbenchError;
}

async function chooseDevices(
  settings: BenchSettings,
  started: StartedWorkers,
  { signal, findCause }: { readonly signal: AbortSignal; readonly findCause: FindCause },
): Promise<Choice> {
  let found: Discovery = { backends: [], devices: [], fused: {} };
  const { device, compareCpu, frameworks } = settings;
  const interpreters = await findFrameworks(settings);
  try {
    found = await findDevices(settings, interpreters, started, signal);
    const selection = selectDevices(device, found, compareCpu, frameworks);
    tryTensorFolders(settings, selection.devices);
    return { found, selection, interpreters };
  } catch (thrown) {
    const error = MpsbenchError.from(thrown);
    if (error.code === 'usage' || error.code === 'internal') {
      await started.close();
      throw error;
    }
    const explained = await withCause(error, interpreters, findCause);
    return { found, selection: { devices: [] }, interpreters, error: explained };
  }
}

/** The frameworks of the chosen environments; none are looked for where none was requested. */
async function findFrameworks({ device, frameworks }: BenchSettings): Promise<Interpreter[]> {
  const named = frameworksNamed(device, nativeIds());
  if (!frameworks.all && named.length === 0) return [];
  return findInterpreters(systemSource, frameworks);
}

const nativeIds = () => backendEntries().map(({ id }) => id);

async function findDevices(
  settings: BenchSettings,
  interpreters: readonly Interpreter[],
  keep: StartedWorkers,
  signal: AbortSignal,
): Promise<Discovery> {
  const { threads, engine, tf32, timeoutMs, dtype } = settings;
  const problems = settings.workloads.flatMap(({ workload: { id }, params, sweep }) => {
    return (sweep?.points ?? [{ params, dtype }]).map((point) => {
      return { workload: id, params: point.params, dtype: point.dtype };
    });
  });
  const { device, compareCpu, frameworks } = settings;
  const only = backendsNeeded(device, compareCpu, nativeIds(), { ...frameworks, interpreters });
  const options = {
    ...{ threads, engine, tf32, signal, only, problems, interpreters, keep },
    timeoutMs: probeLimitMs(timeoutMs, settings.budgetMs),
  };
  const found = await discover(options);
  const missing = missingFrameworks(
    frameworksNamed(device, nativeIds()),
    interpreters,
    frameworks.python,
  );
  return { ...found, backends: [...found.backends, ...missing] };
}

/** One row per device, in the order of the selection, and the devices that ran ops of others. */
async function runWorkload(
  compared: ComparedWorkload,
  { settings, selection: { devices, baseline }, budget, progress }: SweepContext,
  steps: Steps,
): Promise<{ rows: Row[]; fallbacks: DeviceInfo[]; sweep?: undefined }> {
  const histories = devices.map((device) => new RunHistory(device));
  for (let run = 1; run <= settings.runs; run++) {
    // The first run of an aborted bench ends at once, with the reason in its rows.
    if (run > 1 && !budget.hasRoom) break;
    const due = histories.filter(({ isSound }) => isSound);
    const say = steps.begin(compared.workload.id, run);
    await runOnce(due, compared, { settings, budget, run, say });
    if (budget.isOver) for (const history of due) history.dropInterruptedRepeat();
  }
  const rows = histories.map((history) => {
    const row = makeRow(compared, settings, history.parts(settings.measure));
    return budget.isOver ? outOfTime(row, settings) : row;
  });
  const fallbacks = histories.flatMap(({ fallback }) => fallback ?? []);
  const alone = addSpeedups(rows, baseline);
  const sound = histories.filter((history) => history.isSound && history.isComplete);
  if (!settings.together || sound.length < 2 || !budget.hasRoom) return { rows: alone, fallbacks };
  const beside = await measureTogether(
    sound.map(({ device }) => device),
    compared,
    {
      settings,
      options: budget.pace(settings.measure, 1, 1),
      signal: budget.signal,
      say: (text) => progress.update(`${compared.workload.id}, together: ${text}`),
    },
  );
  return { rows: addTogether(alone, beside), fallbacks };
}

/** A row that the time limit cut short says so; what was measured is kept. */
function outOfTime(row: Row, { budgetMs = 0 }: BenchSettings): Row {
  if (row.error?.code !== 'interrupted') return row;
  const error = new MpsbenchError(
    'interrupted',
    `The time limit (--budget ${budgetMs / 1000}s) was over before it was measured.`,
    'Use a longer --budget, fewer devices or a smaller size.',
  );
  return { ...row, error: error.toJSON() };
}

interface RunContext {
  readonly settings: JobSettings;
  readonly budget: Budget;
  /** From 1 to `settings.runs`. */
  readonly run: number;
  say(text: string): void;
}

/** One run: a fresh worker per device, verified, then sampled in alternating blocks. */
async function runOnce(
  histories: readonly RunHistory[],
  compared: ComparedWorkload,
  { settings, budget, run, say }: RunContext,
): Promise<void> {
  const { measure, runs, profile } = settings;
  const jobs = histories.map(
    (history) => new DeviceJob(history, compared, settings, budget.signal),
  );
  // No device is held by a worker that no job took.
  await settings.started?.close();
  try {
    await measureJobs(jobs, {
      options: budget.pace(optionsOfRun(measure, run - 1, runs), runs - run + 1, jobs.length),
      signal: budget.signal,
      profile,
      isLast: run === runs,
      say,
    });
  } finally {
    await Promise.all(jobs.map((job) => job.close()));
  }
}

/** Seconds that starting a worker, compiling and verifying take, roughly. */
const PREPARE_S = 1.5;

/** Counts the runs of all workloads for the progress. */
class Steps {
  readonly #runs: number;
  readonly #steps: number;
  readonly #expectedS: number;
  readonly #progress: Progress;
  #step = 0;

  constructor({ runs, workloads, measure }: BenchSettings, devices: number, progress: Progress) {
    this.#runs = runs;
    this.#steps = runs * workloads.filter(({ sweep }) => !sweep).length;
    const sampledS = (measure.warmupNs + measure.timeBudgetNs / runs) / 1e9;
    this.#expectedS = devices * (sampledS + PREPARE_S);
    this.#progress = progress;
  }

  /** Begins the next run; the function returned says what happens in it. */
  begin(workload: string, run: number): (text: string) => void {
    this.#step++;
    const name = this.#runs === 1 ? workload : `${workload}, run ${run} of ${this.#runs}`;
    const part = { step: this.#step, steps: this.#steps, expectedS: this.#expectedS };
    this.#progress.phase(name, part);
    return (text) => this.#progress.update(`${name}: ${text}`);
  }
}
