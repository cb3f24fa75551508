import { backendEntries } from '../backends/registry.js';
import type { StepTime } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { conditionWarnings, readConditions, readHost } from '../host/index.js';
import { systemClock } from '../measure/clock.js';
import { measure } from '../measure/measure.js';
import type { MeasureOutcome, MeasureProgress, Subject } from '../measure/types.js';
import type { Progress } from '../progress.js';
import { resultHead } from '../result/head.js';
import type { BenchResult, DeviceInfo, Row } from '../result/schema.js';
import { type Discovery, discover, withPeak } from '../runner/discover.js';
import type { Prepared } from '../runner/protocol.js';
import { WorkerClient } from '../runner/worker-client.js';
import { fallbackWarnings, selectionWarnings, tf32Warnings } from './bench-warnings.js';
import { exitCodeOf } from './exit-code.js';
import { expectationWarnings, withExpectations } from './expectation.js';
import { kernelLevelFor } from './kernel-level.js';
import { addSpeedups, makeRow, type RowParts } from './row.js';
import { backendsNeeded, type Selection, selectDevices } from './select-devices.js';
import type { BenchSettings, ComparedWorkload } from './settings.js';
import { makeTensorFolders, tensorFolder } from './tensor-folders.js';

/** Iterations that --profile averages over. */
const PROFILE_ITERATIONS = 10;

/** What a bench is given besides its settings. */
export interface BenchContext {
  /** The command line as the user typed it, without `node`. */
  readonly argv: readonly string[];
  /** Aborted by Ctrl-C: finish with what there is. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Finds the devices, then runs each workload on all of them: compile, verify, measure in
 * alternating blocks. A device that fails has a row that says why; the others go on. Where there is
 * no device to measure, the result has an error instead of rows.
 * @throws MpsbenchError `usage` for devices that cannot exist
 */
export async function runBench(
  settings: BenchSettings,
  { argv, signal, progress }: BenchContext,
): Promise<BenchResult> {
  const head = resultHead(argv);
  progress.update('looking for devices');
  const { found, selection, error } = await chooseDevices(settings, signal);
  const host = await readHost();
  const before = await readConditions();
  const rows: Row[] = [];
  const opened = new Map(selection.devices.map((device) => [device.id, device]));
  for (const chosen of error ? [] : settings.workloads) {
    const kernels = kernelLevelFor(chosen, settings, selection.devices, found.fused);
    const done = await runWorkload({ ...chosen, kernels }, settings, selection, signal, progress);
    rows.push(...done.rows);
    for (const device of done.fallbacks) {
      opened.set(device.id, opened.get(device.id) ?? device);
    }
    if (signal.aborted) break;
  }
  const after = await readConditions();
  const judged = withExpectations(rows, opened, [before, after]);
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
      ...expectationWarnings(judged),
      ...conditionWarnings(host, before, after),
    ],
    conditions: { before, after },
    rows: judged,
  };
}

/** What is here, and what of it to measure: no device where there is an error. */
interface Choice {
  readonly found: Discovery;
  readonly selection: Selection;
  readonly error?: MpsbenchError;
}

async function chooseDevices(settings: BenchSettings, signal: AbortSignal): Promise<Choice> {
  let found: Discovery = { backends: [], devices: [], fused: {} };
  try {
    found = await findDevices(settings, signal);
    const selection = selectDevices(settings.device, found, settings.compareCpu);
    makeTensorFolders(settings, selection.devices);
    return { found, selection };
  } catch (thrown) {
    const error = MpsbenchError.from(thrown);
    if (error.code === 'usage' || error.code === 'internal') throw error;
    return { found, selection: { devices: [] }, error };
  }
}

function findDevices(settings: BenchSettings, signal: AbortSignal): Promise<Discovery> {
  const known = backendEntries().map(({ id }) => id);
  const { threads, engine, tf32, timeoutMs, dtype } = settings;
  const problems = settings.workloads.map(({ workload: { id }, params }) => {
    return { workload: id, params, dtype };
  });
  const only = backendsNeeded(settings.device, settings.compareCpu, known);
  return discover({ threads, engine, tf32, timeoutMs, signal, only, problems });
}

/** One row a device, in the order of the selection, and the devices that took ops of others. */
async function runWorkload(
  chosen: ComparedWorkload,
  settings: BenchSettings,
  { devices, baseline }: Selection,
  signal: AbortSignal,
  progress: Progress,
): Promise<{ rows: Row[]; fallbacks: DeviceInfo[] }> {
  const name = chosen.workload.id;
  const jobs = devices.map((device) => new Job(device, chosen, settings, signal));
  try {
    for (const job of jobs) {
      const say = (phase: string) => progress.update(`${name} on ${job.device.id}: ${phase}`);
      await job.prepare(say);
    }
    const outcomes = await measure(
      jobs.filter((job) => job.isReady).map((job) => job.subject(jobs)),
      settings.measure,
      {
        clock: systemClock,
        signal,
        onProgress: (at) => progress.update(`${name} on ${describeProgress(at)}`),
        deviceClockResolutionNs: (id) =>
          devices.find((device) => device.id === id)?.deviceClock?.resolutionNs,
      },
    );
    const rows: Row[] = [];
    for (const job of jobs) {
      const outcome = outcomes.get(job.device.id);
      const profile = outcome?.state === 'measured' ? await job.profile() : undefined;
      rows.push(makeRow(chosen, settings, job.parts(outcome, profile)));
    }
    const fallbacks = jobs.flatMap(({ fallback }) => fallback ?? []);
    return { rows: addSpeedups(rows, baseline), fallbacks };
  } finally {
    await Promise.all(jobs.map((job) => job.close()));
  }
}

/** One workload on one device, in a worker process of its own. */
class Job {
  readonly device: DeviceInfo;
  readonly #chosen: ComparedWorkload;
  readonly #settings: BenchSettings;
  readonly #worker: WorkerClient;
  #prepared: Prepared | undefined;
  #failure: MpsbenchError | undefined;
  #profileFailure: MpsbenchError | undefined;

  constructor(
    device: DeviceInfo,
    chosen: ComparedWorkload,
    settings: BenchSettings,
    signal: AbortSignal,
  ) {
    this.device = device;
    this.#chosen = chosen;
    this.#settings = settings;
    this.#worker = new WorkerClient(device.id, signal);
  }

  get isReady(): boolean {
    return this.#prepared?.verification.ok === true;
  }

  get fallback(): DeviceInfo | undefined {
    return this.#prepared?.fallback && withPeak(this.#prepared.fallback);
  }

  async prepare(onProgress: (phase: string) => void): Promise<void> {
    const { workload, params, kernels } = this.#chosen;
    const { dtype, placement, threads, engine, tf32, seed, timeoutMs, saveTensors } =
      this.#settings;
    try {
      this.#prepared = await this.#worker.call(
        'prepare',
        {
          workload: workload.id,
          params,
          dtype,
          device: this.device.id,
          placement,
          options: { threads, engine, tf32, kernels },
          seed,
          saveTensors: saveTensors && tensorFolder(saveTensors, workload.id, this.device.id),
        },
        { timeoutMs, onProgress },
      );
    } catch (error) {
      this.#failure = MpsbenchError.from(error);
    }
  }

  /** @param jobs all that have a worker now; one on the CPU never holds a GPU */
  subject(jobs: readonly Job[]): Subject {
    const { timeoutMs } = this.#settings;
    const siblings = jobs
      .filter((job) => job !== this && job.device.kind !== 'cpu')
      .flatMap((job) => job.#worker.pid ?? []);
    return {
      id: this.device.id,
      run: (request) => this.#worker.call('run', request, { timeoutMs }),
      telemetry: () => this.#worker.call('telemetry', { siblings }, { timeoutMs }),
    };
  }

  async profile(): Promise<readonly StepTime[] | undefined> {
    const { profile, timeoutMs } = this.#settings;
    if (!profile) return undefined;
    try {
      return await this.#worker.call('profile', { iterations: PROFILE_ITERATIONS }, { timeoutMs });
    } catch (error) {
      this.#profileFailure = MpsbenchError.from(error);
      return undefined;
    }
  }

  parts(outcome: MeasureOutcome | undefined, profile: readonly StepTime[] | undefined): RowParts {
    return {
      device: this.device,
      prepared: this.#prepared,
      failure: this.#failure,
      outcome,
      profile,
      profileFailure: this.#profileFailure,
    };
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}

function describeProgress({ subject, phase, samples, relativeInterval }: MeasureProgress): string {
  if (phase === 'warm-up') return `${subject}: warming up`;
  const precision =
    relativeInterval === undefined ? '' : `, ±${(relativeInterval * 100).toPrecision(2)} %`;
  return `${subject}: ${samples} samples${precision}`;
}
