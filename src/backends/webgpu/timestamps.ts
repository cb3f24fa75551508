import { clockStepNs } from './clock-step.js';
import type { Dawn } from './dawn.js';

/** Passes that one set can time. */
export const TIMED_PASSES = 256;

/** Begin and end of compute passes by the device's clock, in nanoseconds. */
export class Timestamps {
  readonly #device: GPUDevice;
  readonly #dawn: Dawn;
  readonly #set: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;
  /** One descriptor a pass, made once. */
  readonly passes: readonly GPUComputePassDescriptor[];

  constructor(device: GPUDevice, dawn: Dawn) {
    const size = TIMED_PASSES * 16;
    this.#device = device;
    this.#dawn = dawn;
    this.#set = device.createQuerySet({ type: 'timestamp', count: TIMED_PASSES * 2 });
    this.#resolved = device.createBuffer({
      size,
      usage: dawn.usage.QUERY_RESOLVE | dawn.usage.COPY_SRC,
    });
    this.#staging = device.createBuffer({
      size,
      usage: dawn.usage.MAP_READ | dawn.usage.COPY_DST,
    });
    this.passes = Array.from({ length: TIMED_PASSES }, (_, pass) => ({
      timestampWrites: {
        querySet: this.#set,
        beginningOfPassWriteIndex: 2 * pass,
        endOfPassWriteIndex: 2 * pass + 1,
      },
    }));
  }

  /** Reads the first `count` passes: begin and end of each, one after the other. */
  async read(count: number): Promise<BigUint64Array> {
    const encoder = this.#device.createCommandEncoder();
    encoder.resolveQuerySet(this.#set, 0, 2 * count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16 * count);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(this.#dawn.mapMode.READ, 0, 16 * count);
    const times = new BigUint64Array(this.#staging.getMappedRange(0, 16 * count).slice(0));
    this.#staging.unmap();
    return times;
  }

  dispose(): void {
    this.#set.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}

/** Nanoseconds of pass `index`; undefined if the clock ran backwards (a driver's defect). */
export function passNs(times: BigUint64Array, index: number): number | undefined {
  const [begin, end] = [times[2 * index], times[2 * index + 1]];
  return end >= begin ? Number(end - begin) : undefined;
}

/** The step of the clock, from readings around empty passes. */
export async function measureResolutionNs(
  device: GPUDevice,
  dawn: Dawn,
): Promise<number | undefined> {
  const passes = 64;
  const timestamps = new Timestamps(device, dawn);
  try {
    const encoder = device.createCommandEncoder();
    for (let pass = 0; pass < passes; pass++) {
      encoder.beginComputePass(timestamps.passes[pass]).end();
    }
    device.queue.submit([encoder.finish()]);
    return clockStepNs(await timestamps.read(passes));
  } finally {
    timestamps.dispose();
  }
}
