import { backendOfDevice, indexOfDevice } from '../backends/registry.js';
import type { BackendOptions, StepTime } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import type { BlockRequest } from '../measure/types.js';
import type { DeviceInfo, ExampleProgram, Sample, Telemetry } from '../result/schema.js';
import type { BenchTask, Prepared } from './protocol.js';
import { WorkerClient } from './worker-client.js';

/** What has to be known of a device to open it. */
type DrivenDevice = Pick<DeviceInfo, 'id' | 'visibleAs' | 'nearCpus'>;

/**
 * Drives one device in a worker process. A crash costs the call that caused it: the next `prepare`
 * gets a fresh worker. A device that hangs is left alone, since each further wait would be as long.
 */
export class DeviceDriver {
  readonly #device: DrivenDevice;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  #worker: WorkerClient | undefined;
  #hung: MpsbenchError | undefined;

  /** @param started a worker that has opened the device's backend and nothing else */
  constructor(
    device: DrivenDevice,
    timeoutMs: number,
    signal: AbortSignal,
    started?: WorkerClient,
  ) {
    this.#worker = started;
    if (started) started.label = device.id;
    this.#device = device;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** Of the processes that may hold the device; none if no worker runs. */
  get pids(): readonly number[] {
    return this.#worker?.pids ?? [];
  }

  /** Starts the worker and its backend ahead of `prepare`, which reports what fails here. */
  async start(options: BackendOptions): Promise<void> {
    if (this.#hung || this.#worker?.isOpen) return;
    const request = { backend: backendOfDevice(this.#device.id), options };
    const timeoutMs = this.#timeoutMs;
    await this.#noteHang(this.#opened().call('probe', request, { timeoutMs })).catch(() => {});
  }

  /**
   * Compiles a workload, runs it once, and compares it with the reference.
   * @throws MpsbenchError `worker_timeout`, `worker_crashed`, `interrupted`, or the device's own
   */
  async prepare(
    task: Omit<BenchTask, 'device'>,
    onProgress?: (phase: string) => void,
  ): Promise<Prepared> {
    if (this.#hung) throw this.#hung;
    const { id, visibleAs, nearCpus } = this.#device;
    const worker = this.#opened();
    const timeoutMs = this.#timeoutMs;
    const alone = visibleAs !== undefined && { firstIndex: indexOfDevice(id) };
    const request = { ...task, device: id, nearCpus, options: { ...task.options, ...alone } };
    return this.#noteHang(
      worker.call('prepare', request, { timeoutMs, ...(onProgress && { onProgress }) }),
    );
  }

  run(request: BlockRequest): Promise<readonly Sample[]> {
    return this.#noteHang(this.#running().call('run', request, { timeoutMs: this.#timeoutMs }));
  }

  /** @param siblings process ids of other workers that may hold the same device */
  telemetry(siblings: readonly number[]): Promise<Telemetry | undefined> {
    return this.#running().call('telemetry', { siblings }, { timeoutMs: this.#timeoutMs });
  }

  /** The example of a workload as people write it; none if the device is no framework's. */
  programs(workload: string): Promise<readonly ExampleProgram[]> {
    return this.#running().call('programs', { workload }, { timeoutMs: this.#timeoutMs });
  }

  profile(iterations: number): Promise<readonly StepTime[]> {
    return this.#running().call('profile', { iterations }, { timeoutMs: this.#timeoutMs });
  }

  async close(): Promise<void> {
    await this.#worker?.close();
  }

  /** The worker, a fresh one where there is none. */
  #opened(): WorkerClient {
    const { id, visibleAs } = this.#device;
    if (!this.#worker?.isOpen) this.#worker = new WorkerClient(id, this.#signal, visibleAs);
    return this.#worker;
  }

  #running(): WorkerClient {
    if (this.#worker) return this.#worker;
    throw new MpsbenchError('internal', `${this.#device.id} was used before it was prepared.`);
  }

  async #noteHang<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (thrown) {
      const error = MpsbenchError.from(thrown);
      if (error.code === 'worker_timeout') this.#hung = error;
      throw error;
    }
  }
}
