import type { StepTime } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { combineRuns } from '../measure/combine-runs.js';
import type { MeasureOptions, SampledRun, Subject } from '../measure/types.js';
import type { DeviceInfo } from '../result/schema.js';
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

  constructor(device: DeviceInfo) {
    this.device = device;
  }

  /** Whether another run makes sense: nothing has failed and no result was wrong. */
  get isSound(): boolean {
    const isRight = this.prepared === undefined || this.prepared.verification.ok;
    return isRight && this.failure === undefined && this.#runs.every(({ error }) => !error);
  }

  get isFirstRun(): boolean {
    return this.#runs.length === 0;
  }

  /** The device that ran ops which this one lacks. */
  get fallback(): DeviceInfo | undefined {
    return this.prepared?.fallback && withPeak(this.prepared.fallback);
  }

  add(run: SampledRun): void {
    this.#runs.push(run);
  }

  parts(options: MeasureOptions): RowParts {
    return {
      device: this.device,
      prepared: this.prepared,
      failure: this.failure,
      outcome: this.#runs.length > 0 ? combineRuns(this.#runs, options) : undefined,
      profile: this.profile,
      profileFailure: this.profileFailure,
    };
  }
}

/** What a job is given: the settings, and the workers that the search for devices left open. */
export interface JobSettings extends BenchSettings {
  readonly started?: StartedWorkers;
}

/** One run of one workload on one device, in a worker process of its own. Never throws. */
export class DeviceJob {
  readonly history: RunHistory;
  readonly #compared: ComparedWorkload;
  readonly #settings: BenchSettings;
  readonly #driver: DeviceDriver;
  #isReady = false;

  constructor(
    history: RunHistory,
    compared: ComparedWorkload,
    settings: JobSettings,
    signal: AbortSignal,
  ) {
    this.history = history;
    this.#compared = compared;
    this.#settings = settings;
    const { id, backend } = history.device;
    const started = settings.started?.take(backend);
    this.#driver = new DeviceDriver(id, settings.timeoutMs, signal, started);
  }

  get device(): DeviceInfo {
    return this.history.device;
  }

  /** Whether the result of this worker has been verified. */
  get isReady(): boolean {
    return this.#isReady;
  }

  async prepare(onProgress: (phase: string) => void): Promise<void> {
    const { workload, params, kernels } = this.#compared;
    const { dtype, placement, threads, engine, tf32, interpreters, seed, saveTensors } =
      this.#settings;
    const folder = saveTensors && tensorFolder(saveTensors, workload.id, this.device.id);
    try {
      this.history.prepared = await this.#driver.prepare(
        {
          workload: workload.id,
          params,
          dtype,
          placement,
          options: { threads, engine, tf32, kernels, interpreters },
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
      .flatMap((job) => job.#driver.pid ?? []);
    return {
      id: this.device.id,
      computesOnCpu: this.device.kind === 'cpu' || this.device.kind === 'software',
      run: (request) => this.#driver.run(request),
      telemetry: () => this.#driver.telemetry(siblings),
    };
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
