import { readHost } from '../../dist/host/index.js';
import { discover } from '../../dist/runner/discover.js';
import { WorkerClient } from '../../dist/runner/worker-client.js';
import { packageVersion } from '../../dist/version.js';
import { DTYPE, SEED } from './values.mjs';

const TIMEOUT_MS = 600_000;

/** Our side, through the same worker process as `mpsbench bench`. */
export class Ours {
  name = 'mpsbench';
  #options;
  #device;
  #worker;

  constructor({ device, engine, threads }) {
    this.#device = device;
    this.#options = { threads, ...(engine && { engine }) };
  }

  /** Verified inside the worker, by the same reference as the peers. */
  async prepare({ id, params }) {
    this.#worker = new WorkerClient(this.#device);
    const prepared = await this.#worker.call(
      'prepare',
      {
        workload: id,
        params,
        dtype: DTYPE,
        device: this.#device,
        placement: 'strict',
        options: this.#options,
        seed: SEED,
      },
      { timeoutMs: TIMEOUT_MS },
    );
    const kernels = [...new Set(prepared.steps.map(({ kernel }) => kernel))];
    return { note: kernels.join(', '), checks: prepared.verification.checks };
  }

  async run(iterations) {
    const [sample] = await this.#worker.call(
      'run',
      { iterations, samples: 1, mode: 'throughput', maxNs: TIMEOUT_MS * 1e6 },
      { timeoutMs: TIMEOUT_MS },
    );
    return sample.wallNs;
  }

  async release() {
    this.#worker?.close();
  }

  host() {
    return readHost();
  }

  /** Version, device and engine, for the record. */
  async describe() {
    const only = [this.#device.split(':')[0]];
    const { devices } = await discover({ ...this.#options, only, timeoutMs: TIMEOUT_MS });
    const { name, engine, driver, api } = devices.find(({ id }) => id === this.#device) ?? {};
    return { version: packageVersion(), device: this.#device, name, engine, driver, api };
  }
}
