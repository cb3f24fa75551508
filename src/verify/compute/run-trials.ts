import { MpsbenchError } from '../../errors.js';
import type { DeviceInfo } from '../../result/schema.js';
import type { Prepared } from '../../runner/protocol.js';
import { WorkerClient } from '../../runner/worker-client.js';
import { WORKLOADS } from '../../workloads/registry.js';
import type { Params } from '../../workloads/types.js';
import { perContext } from '../memo.js';
import type { VerifyContext } from '../types.js';
import {
  type Outcome,
  oddSizesOf,
  TIMED_WORKLOAD,
  type Timing,
  type Trial,
  timedSizes,
} from './trial.js';

const SEED = 1;
/** A group of iterations, so that what a launch costs does not hide a time that is too short. */
const TIMED = { iterations: 20, samples: 3, mode: 'throughput', maxNs: 3e8 } as const;

/** Runs everything on every device, one device after another, once for all compute checks. */
export const trialsOf = perContext(async (context): Promise<readonly Trial[]> => {
  const { devices } = await context.discovery();
  const trials: Trial[] = [];
  for (const device of devices) trials.push(await tryDevice(device, context));
  return trials;
});

async function tryDevice(device: DeviceInfo, context: VerifyContext): Promise<Trial> {
  const holder = new DeviceHolder(device, context);
  try {
    const examples = new Map<string, Outcome<Prepared>>();
    const oddSizes = new Map<string, Outcome<Prepared>>();
    for (const { id, presets } of WORKLOADS) {
      examples.set(id, await holder.prepare(id, presets.example));
    }
    for (const workload of WORKLOADS) {
      oddSizes.set(workload.id, await holder.prepare(workload.id, oddSizesOf(workload)));
    }
    return { device, examples, oddSizes, timing: await holder.time() };
  } finally {
    await holder.close();
  }
}

/**
 * One device in a worker process. A crash costs the workload that caused it: the next one gets a
 * fresh worker. A device that hangs is left alone, since each further wait would be as long.
 */
class DeviceHolder {
  readonly #device: DeviceInfo;
  readonly #context: VerifyContext;
  #worker: WorkerClient;
  #hung: MpsbenchError | undefined;

  constructor(device: DeviceInfo, context: VerifyContext) {
    this.#device = device;
    this.#context = context;
    this.#worker = this.#start();
  }

  prepare(workload: string, params: Params): Promise<Outcome<Prepared>> {
    return this.#guard(() => this.#prepare(workload, params));
  }

  async time(): Promise<Outcome<Timing>> {
    const params = timedSizes(this.#device);
    return this.#guard(async () => {
      await this.#prepare(TIMED_WORKLOAD, params);
      const { timeoutMs } = this.#context;
      const samples = await this.#worker.call('run', TIMED, { timeoutMs });
      return { workload: TIMED_WORKLOAD, params, samples };
    });
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  #start(): WorkerClient {
    return new WorkerClient(this.#device.id, this.#context.signal);
  }

  /** Strict placement: what the CPU computes says nothing about this device. */
  #prepare(workload: string, params: Params): Promise<Prepared> {
    const { timeoutMs } = this.#context;
    return this.#worker.call(
      'prepare',
      {
        workload,
        params,
        dtype: 'f32',
        device: this.#device.id,
        placement: 'strict',
        options: {},
        seed: SEED,
      },
      { timeoutMs },
    );
  }

  async #guard<T>(call: () => Promise<T>): Promise<Outcome<T>> {
    if (this.#hung) return { ok: false, error: this.#hung.toJSON() };
    try {
      return { ok: true, value: await call() };
    } catch (thrown) {
      const error = MpsbenchError.from(thrown);
      if (error.code === 'interrupted') throw error;
      if (error.code === 'worker_timeout') this.#hung = error;
      if (error.code === 'worker_crashed') this.#worker = this.#start();
      return { ok: false, error: error.toJSON() };
    }
  }
}
