import type { DeviceInfo } from '../../result/schema.js';
import type { DeviceDriver } from '../../runner/device-driver.js';
import { type JobSettings, openDriver } from '../device-job.js';

/** One worker per device, opened once and used for all points of a pass. */
export class WorkerPool {
  readonly #drivers = new Map<string, DeviceDriver>();
  readonly #settings: JobSettings;
  readonly #signal: AbortSignal;

  constructor(settings: JobSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** The driver of a device; its worker starts when it is first used. */
  driverOf(device: DeviceInfo): DeviceDriver {
    const known = this.#drivers.get(device.id);
    const driver = known ?? openDriver(device, this.#settings, this.#signal);
    this.#drivers.set(device.id, driver);
    return driver;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
  }
}
