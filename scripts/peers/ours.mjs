import { readHost } from '../../dist/host/index.js';
import { discover } from '../../dist/runner/discover.js';
import { WorkerClient } from '../../dist/runner/worker-client.js';
import { packageVersion } from '../../dist/version.js';
import { dtypeOf, SEED } from './values.mjs';

const TIMEOUT_MS = 600_000;

/** One of our devices, through the same worker process as `mpsbench bench`. */
export class Ours {
  #options;
  #device;
  #worker;

  constructor({ device, engine, threads }) {
    this.name = `mpsbench ${device}`;
    this.#device = device;
    this.#options = { threads, ...(engine && { engine }) };
  }

  /** Verified inside the worker, by the same reference as the peers. */
  async prepare({ id, params, format }) {
    this.#worker = new WorkerClient(this.#device);
    const tf32 = format === 'tf32';
    const request = {
      workload: id,
      params,
      dtype: dtypeOf(format),
      device: this.#device,
      placement: 'strict',
      options: { ...this.#options, tf32 },
      seed: SEED,
    };
    const prepared = await this.#worker
      .call('prepare', request, { timeoutMs: TIMEOUT_MS })
      .catch((error) => {
        if (error.code === 'unsupported') return { unsupported: error.message };
        throw error;
      });
    if (prepared.unsupported) return { skipped: prepared.unsupported };
    if (tf32 && !prepared.tf32) return { skipped: 'it computes strict f32 only' };
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

  /** The sensors of the device, where it has any. */
  async telemetry() {
    return this.#worker
      ?.call('telemetry', { siblings: [] }, { timeoutMs: TIMEOUT_MS })
      .catch(() => undefined);
  }

  async release() {
    await this.#worker?.close();
  }

  /** Version, device, engine and peak, for the record. */
  async describe() {
    const only = [this.#device.split(':')[0]];
    const { devices, backends } = await discover({
      ...this.#options,
      only,
      timeoutMs: TIMEOUT_MS,
    });
    const found = devices.find(({ id }) => id === this.#device);
    const { name, engine, driver, api, peak } = found ?? {};
    const missing = found ? undefined : (backends[0]?.reason ?? 'there is no such device');
    return {
      version: packageVersion(),
      device: this.#device,
      name,
      engine,
      driver,
      api,
      peak,
      missing,
    };
  }
}

export const host = () => readHost();
