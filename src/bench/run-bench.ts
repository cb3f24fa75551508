import { backendEntries } from '../backends/registry.js';
import { MpsbenchError } from '../errors.js';
import { findInterpreters, type Interpreter } from '../frameworks/interpreters.js';
import { conditionWarnings, readConditions, readHost } from '../host/index.js';
import { systemSource } from '../host/source.js';
import { ActiveClock } from '../measure/active-clock.js';
import { optionsOfRun, sampleRun } from '../measure/measure.js';
import type { MeasureProgress } from '../measure/types.js';
import type { Progress } from '../progress.js';
import { resultHead } from '../result/head.js';
import type { BenchResult, DeviceInfo, Row } from '../result/schema.js';
import { type Discovery, discover } from '../runner/discover.js';
import { StartedWorkers } from '../runner/started-workers.js';
import {
  fallbackWarnings,
  otherLoadWarnings,
  selectionWarnings,
  tf32Warnings,
} from './bench-warnings.js';
import { DeviceJob, type JobSettings, RunHistory } from './device-job.js';
import { exitCodeOf } from './exit-code.js';
import { expectationWarnings, withExpectations } from './expectation.js';
import { kernelLevelFor } from './kernel-level.js';
import { addSpeedups, makeRow } from './row.js';
import { backendsNeeded, type Selection, selectDevices } from './select-devices.js';
import { frameworksNamed, missingFrameworks } from './select-frameworks.js';
import type { BenchSettings, ComparedWorkload } from './settings.js';
import { makeTensorFolders } from './tensor-folders.js';

/** What a bench is given besides its settings. */
export interface BenchContext {
  /** The command line as the user typed it, without `node`. */
  readonly argv: readonly string[];
  /** Aborted by Ctrl-C: finish with what there is. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Given each workload's rows as soon as they are complete. */
  readonly onWorkload?: (done: FinishedWorkload) => void;
}

/** The part of a result that one workload adds. */
export type FinishedWorkload = Pick<BenchResult, 'rows' | 'devices' | 'reproduce'>;

/**
 * Finds the devices, then runs each workload on all of them: compile, verify, measure in
 * alternating blocks, and again in fresh processes. A device that fails has a row that says why; the others go on. Where there is
 * no device to measure, the result has an error instead of rows.
 * @throws MpsbenchError `usage` for devices that cannot exist
 */
export async function runBench(
  settings: BenchSettings,
  { argv, signal, progress, onWorkload }: BenchContext,
): Promise<BenchResult> {
  const head = resultHead(argv);
  const started = new StartedWorkers();
  const choice = await chooseDevices(settings, started, signal);
  const { found, selection, interpreters, error } = choice;
  if (error) await started.close();
  const host = await readHost();
  const before = await readConditions();
  let after = before;
  const rows: Row[] = [];
  const opened = new Map(selection.devices.map((device) => [device.id, device]));
  const steps = new Steps(settings, selection.devices.length, progress);
  for (const chosen of error ? [] : settings.workloads) {
    const kernels = kernelLevelFor(chosen, settings, selection.devices, found.fused);
    const compared = { ...chosen, kernels };
    const opening = { ...settings, interpreters, started };
    const done = await runWorkload(compared, opening, selection, signal, steps);
    for (const device of done.fallbacks) {
      opened.set(device.id, opened.get(device.id) ?? device);
    }
    after = await readConditions();
    const judged = withExpectations(done.rows, opened, [before, after]);
    rows.push(...judged);
    onWorkload?.({ rows: judged, devices: [...opened.values()], reproduce: head().reproduce });
    if (signal.aborted) break;
  }
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
      ...tf32Warnings(settings, selection.devices, rows),
      ...fallbackWarnings(rows),
      ...expectationWarnings(rows),
      ...otherLoadWarnings(host, rows),
      ...conditionWarnings(host, before, after),
    ],
    conditions: { before, after },
    rows,
  };
}

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
  signal: AbortSignal,
): Promise<Choice> {
  let found: Discovery = { backends: [], devices: [], fused: {} };
  const { device, compareCpu, frameworks } = settings;
  const interpreters = await findFrameworks(settings);
  try {
    found = await findDevices(settings, interpreters, started, signal);
    const selection = selectDevices(device, found, compareCpu, frameworks);
    makeTensorFolders(settings, selection.devices);
    return { found, selection, interpreters };
  } catch (thrown) {
    const error = MpsbenchError.from(thrown);
    if (error.code === 'usage' || error.code === 'internal') {
      await started.close();
      throw error;
    }
    return { found, selection: { devices: [] }, interpreters, error };
  }
}

/** The frameworks of the chosen environments; none are looked for where none was asked for. */
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
  const problems = settings.workloads.map(({ workload: { id }, params }) => {
    return { workload: id, params, dtype };
  });
  const { device, compareCpu, frameworks } = settings;
  const only = backendsNeeded(device, compareCpu, nativeIds(), { ...frameworks, interpreters });
  const options = { threads, engine, tf32, timeoutMs, signal, only, problems, interpreters, keep };
  const found = await discover(options);
  const missing = missingFrameworks(frameworksNamed(device, nativeIds()), interpreters);
  return { ...found, backends: [...found.backends, ...missing] };
}

/** One row per device, in the order of the selection, and the devices that ran ops of others. */
async function runWorkload(
  compared: ComparedWorkload,
  settings: JobSettings,
  { devices, baseline }: Selection,
  signal: AbortSignal,
  steps: Steps,
): Promise<{ rows: Row[]; fallbacks: DeviceInfo[] }> {
  const histories = devices.map((device) => new RunHistory(device));
  for (let run = 1; run <= settings.runs && !signal.aborted; run++) {
    const due = histories.filter(({ isSound }) => isSound);
    const say = steps.begin(compared.workload.id, run);
    await runOnce(due, compared, { settings, signal, run, say });
  }
  const rows = histories.map((history) => {
    return makeRow(compared, settings, history.parts(settings.measure));
  });
  const fallbacks = histories.flatMap(({ fallback }) => fallback ?? []);
  return { rows: addSpeedups(rows, baseline), fallbacks };
}

interface RunContext {
  readonly settings: JobSettings;
  readonly signal: AbortSignal;
  /** From 1 to `settings.runs`. */
  readonly run: number;
  say(text: string): void;
}

/** One run: a fresh worker per device, verified, then sampled in alternating blocks. */
async function runOnce(
  histories: readonly RunHistory[],
  compared: ComparedWorkload,
  { settings, signal, run, say }: RunContext,
): Promise<void> {
  const jobs = histories.map((history) => new DeviceJob(history, compared, settings, signal));
  // No device is held by a worker that no job took.
  await settings.started?.close();
  const clock = new ActiveClock();
  try {
    for (const job of jobs) await job.prepare((phase) => say(`${job.device.id} ${phase}`));
    const runs = await sampleRun(
      jobs.filter((job) => job.isReady).map((job) => job.subject(jobs)),
      optionsOfRun(settings.measure, run - 1, settings.runs),
      {
        clock,
        signal,
        onProgress: (at) => say(describeProgress(at)),
        deviceClockResolutionNs: (id) =>
          jobs.find(({ device }) => device.id === id)?.device.deviceClock?.resolutionNs,
      },
    );
    for (const job of jobs) {
      const sampled = runs.get(job.device.id);
      if (sampled) job.history.add(sampled);
      // Ops are profiled once, after everything has been timed.
      const isLast = run === settings.runs;
      if (sampled && !sampled.error && isLast && settings.profile) await job.profile();
    }
  } finally {
    clock.close();
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
    this.#steps = runs * workloads.length;
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

function describeProgress({ subject, phase, samples, relativeInterval }: MeasureProgress): string {
  if (phase === 'warm-up') return `${subject} warming up`;
  const precision =
    relativeInterval === undefined ? '' : `, ±${(relativeInterval * 100).toPrecision(2)} %`;
  return `${subject} ${samples} samples${precision}`;
}
