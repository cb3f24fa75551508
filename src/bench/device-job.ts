import type { BackendOptions, StepTime } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { isIdiomatic } from '../frameworks/catalog.js';
import { combineRuns } from '../measure/combine-runs.js';
import { computesOnCpu } from '../measure/disturbance.js';
import { wallPerIteration } from '../measure/series.js';
import { median } from '../measure/statistics.js';
import type { MeasureOptions, SampledRun, Subject } from '../measure/types.js';
import type { DeviceInfo, ExampleProgram } from '../result/schema.js';
import { DeviceDriver } from '../runner/device-driver.js';
import { withPeak } from '../runner/discover.js';
import type { Prepared } from '../runner/protocol.js';
import type { StartedWorkers } from '../runner/started-workers.js';
import type { RowParts } from './row.js';
import type { BenchSettings, ComparedWorkload } from './settings.js';
import { tensorFolder } from './tensor-folders.js';

/** Iterations that --profile averages over. */
const PROFILE_ITERATIONS = 10;

/** What is known of one workload on one device, over all runs. */
export class RunHistory {
  readonly device: DeviceInfo;
  readonly #runs: SampledRun[] = [];
  prepared: Prepared | undefined;
  failure: MpsbenchError | undefined;
  profile: readonly StepTime[] | undefined;
  profileFailure: MpsbenchError | undefined;
  programs: readonly ExampleProgram[] | undefined;

  constructor(device: DeviceInfo) {
    this.device = device;
  }

  /** Whether another run makes sense: nothing has failed and no result was wrong. */
  get isSound(): boolean {
    const isRight = this.prepared === undefined || this.prepared.verification.ok;
    return isRight && this.failure === undefined && this.#runs.every(({ error }) => !error);
  }

  /** Whether a run has come to its end. */
  get isComplete(): boolean {
    return this.#runs.some(({ error }) => !error);
  }

  get isFirstRun(): boolean {
    return this.#runs.length === 0;
  }

  /** Wall time per iteration of what was sampled so far; undefined before that. */
  get medianNs(): number | undefined {
    const samples = this.#runs.flatMap((run) => run.samples);
    return samples.length > 0 ? median(samples.map(wallPerIteration)) : undefined;
  }

  /** The device that ran ops which this one lacks. */
  get fallback(): DeviceInfo | undefined {
    return this.prepared?.fallback && withPeak(this.prepared.fallback);
  }

  add(run: SampledRun): void {
    this.#runs.push(run);
  }

  /** Forgets a repetition that was cut short, if an earlier run is complete. */
  dropInterruptedRepeat(): void {
    if (!this.isComplete) return;
    if (this.failure?.code === 'interrupted') this.failure = undefined;
    if (this.#runs.at(-1)?.error?.code === 'interrupted') this.#runs.pop();
  }

  parts(options: MeasureOptions): RowParts {
    return {
      device: this.device,
      prepared: this.prepared,
      failure: this.failure,
      outcome: this.#runs.length > 0 ? combineRuns(this.#runs, options) : undefined,
      profile: this.profile,
      profileFailure: this.profileFailure,
      programs: this.programs,
    };
  }
}

/** What a job is given: the settings, and the workers that the search for devices left open. */
export interface JobSettings extends BenchSettings {
  readonly started?: StartedWorkers;
}

/** A driver of its own for a device, with a worker of the search for devices where one is open. */
export function openDriver(
  device: DeviceInfo,
  { started, timeoutMs }: JobSettings,
  signal: AbortSignal,
): DeviceDriver {
  return new DeviceDriver(device, timeoutMs, signal, started?.take(device.backend));
}

/** One run of one workload on one device, in a worker process. Never throws. */
export class DeviceJob {
  readonly history: RunHistory;
  readonly #compared: ComparedWorkload;
  readonly #settings: BenchSettings;
  readonly #driver: DeviceDriver;
  #isReady = false;

  /** @param driver one with an open worker, where jobs share it; whoever opened it closes it */
  constructor(
    history: RunHistory,
    compared: ComparedWorkload,
    settings: JobSettings,
    signal: AbortSignal,
    driver?: DeviceDriver,
  ) {
    this.history = history;
    this.#compared = compared;
    this.#settings = settings;
    this.#driver = driver ?? openDriver(history.device, settings, signal);
  }

  get device(): DeviceInfo {
    return this.history.device;
  }

  /** Whether the result of this worker has been verified. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Imports the framework ahead of `prepare`. Other devices start fast enough. */
  async start(): Promise<void> {
    if (this.device.framework) await this.#driver.start(this.#options);
  }

  get #options(): BackendOptions {
    const { threads, engine, tf32, interpreters } = this.#settings;
    return { threads, engine, tf32, kernels: this.#compared.kernels, interpreters };
  }

  async prepare(onProgress: (phase: string) => void): Promise<void> {
    const { workload, params } = this.#compared;
    const { dtype, placement, seed, saveTensors } = this.#settings;
    const folder = saveTensors && tensorFolder(saveTensors, workload.id, this.device.id);
    try {
      this.history.prepared = await this.#driver.prepare(
        {
          workload: workload.id,
          params,
          dtype,
          placement,
          options: this.#options,
          seed,
          // Every run computes the same: the first writes it.
          ...(this.history.isFirstRun && folder !== undefined && { saveTensors: folder }),
        },
        onProgress,
      );
      this.#isReady = this.history.prepared.verification.ok;
    } catch (error) {
      this.history.failure = MpsbenchError.from(error);
    }
  }

  /** @param jobs all that have a worker now; one on the CPU never holds a GPU */
  subject(jobs: readonly DeviceJob[]): Subject {
    const siblings = jobs
      .filter((job) => job !== this && job.device.kind !== 'cpu')
      .flatMap((job) => job.#driver.pids);
    return {
      id: this.device.id,
      computesOnCpu: computesOnCpu(this.device.kind),
      run: (request) => this.#driver.run(request),
      telemetry: () => this.#driver.telemetry(siblings),
    };
  }

  /** The example as people write it, where it was requested and the device is a framework's usual mode. */
  async runPrograms(): Promise<void> {
    const { framework } = this.device;
    if (!framework || this.#settings.preset !== 'example' || !isIdiomatic(framework)) return;
    try {
      this.history.programs = await this.#driver.programs(this.#compared.workload.id);
    } catch (error) {
      this.history.failure = MpsbenchError.from(error);
    }
  }

  async profile(): Promise<void> {
    try {
      this.history.profile = await this.#driver.profile(PROFILE_ITERATIONS);
    } catch (error) {
      this.history.profileFailure = MpsbenchError.from(error);
    }
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}
