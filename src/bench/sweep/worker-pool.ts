import type { DeviceInfo } from '../../result/schema.js';
import { DeviceDriver } from '../../runner/device-driver.js';

/** One worker per device, opened once and used for all points of a pass. */
export class WorkerPool {
  readonly #drivers = new Map<string, DeviceDriver>();
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;

  constructor(timeoutMs: number, signal: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** The driver of a device; its worker starts when it is first used. */
  driverOf({ id }: DeviceInfo): DeviceDriver {
    const driver = this.#drivers.get(id) ?? new DeviceDriver(id, this.#timeoutMs, this.#signal);
    this.#drivers.set(id, driver);
    return driver;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
  }
}
