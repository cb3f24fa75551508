import type { MonitorInfo } from '../backends/types.js';
import type { WatchedDevice, WatchPoint } from '../result/schema.js';
import { known, TimeMean } from './averages.js';
import type { DeviceSample, Sample } from './sampler-protocol.js';
import { Timeline } from './timeline.js';

/** A sample stands for no longer than this: what was before it may be a machine asleep, or Ctrl-Z. */
const LONGEST_SPAN_S = 1;

/** What is known of the watched processes after all samples. */
export interface ProcessTotals {
  readonly processes?: number;
  readonly cpuSeconds?: number;
  readonly memoryPeakBytes?: number;
}

/** Adds up samples as they come; what it holds does not grow with time. */
export class Recorder {
  readonly #startNs: number;
  readonly #timeline = new Timeline();
  readonly #devices: DeviceTotals[] = [];
  #lastNs: number;
  #cpuNs: number | undefined;
  #processes: number | undefined;
  #memoryPeakBytes: number | undefined;
  #samples = 0;
  #firstDeviceNs: number | undefined;

  /** @param startNs by CLOCK_MONOTONIC */
  constructor(startNs: number) {
    this.#startNs = startNs;
    this.#lastNs = startNs;
  }

  get samples(): number {
    return this.#samples;
  }

  /** When sensors of GPUs were first and last read, in seconds since the start; both 0 where they never were. */
  get observed(): { readonly fromS: number; readonly toS: number } {
    const since = (ns: number) => (ns - this.#startNs) / 1e9;
    return this.#firstDeviceNs === undefined
      ? { fromS: 0, toS: 0 }
      : { fromS: since(this.#firstDeviceNs), toS: since(this.#lastNs) };
  }

  add(sample: Sample): void {
    const { atNs, tree, devices } = sample;
    const passedS = (atNs - this.#lastNs) / 1e9;
    this.#lastNs = atNs;
    this.#samples += 1;
    if (devices.length > 0) this.#firstDeviceNs ??= atNs;
    const seconds = Math.min(passedS, LONGEST_SPAN_S);
    const gainedNs = tree && this.#cpuNs !== undefined ? tree.cpuNs - this.#cpuNs : undefined;
    const cpus = gainedNs !== undefined && passedS > 0 ? gainedNs / 1e9 / passedS : undefined;
    if (tree) {
      this.#cpuNs = tree.cpuNs;
      this.#processes = Math.max(this.#processes ?? 0, tree.processes);
      this.#memoryPeakBytes = Math.max(this.#memoryPeakBytes ?? 0, tree.memoryBytes);
    }
    this.#timeline.add(sample, (atNs - this.#startNs) / 1e9, seconds, cpus);
    for (const [i, device] of devices.entries()) {
      this.#devices[i] ??= new DeviceTotals();
      this.#devices[i].add(device, seconds);
    }
  }

  timeline(): WatchPoint[] {
    return this.#timeline.points();
  }

  processes(): ProcessTotals {
    return known({
      processes: this.#processes,
      cpuSeconds: this.#cpuNs === undefined ? undefined : this.#cpuNs / 1e9,
      memoryPeakBytes: this.#memoryPeakBytes,
    });
  }

  devices(infos: readonly MonitorInfo[]): WatchedDevice[] {
    return infos.map((info, i) => (this.#devices[i] ?? new DeviceTotals()).of(info));
  }
}

class DeviceTotals {
  readonly #used = new TimeMean();
  readonly #busy = new TimeMean();
  readonly #clockMHz = new TimeMean();
  readonly #powerW = new TimeMean();
  readonly #memory = new TimeMean();
  readonly #deviceMemory = new TimeMean();
  readonly #others = new TimeMean();
  #held: boolean | undefined;
  #countsByProcess = false;

  add(sample: DeviceSample, seconds: number): void {
    this.#used.add(sample.used, seconds);
    this.#busy.add(sample.busy, seconds);
    this.#clockMHz.add(sample.clockMHz, seconds);
    this.#powerW.add(sample.powerW, seconds);
    this.#memory.add(sample.memoryBytes, seconds);
    this.#deviceMemory.add(sample.deviceMemoryBytes, seconds);
    this.#others.add(sample.others, seconds);
    if (sample.held !== undefined) this.#held = (this.#held ?? false) || sample.held;
    if (sample.usedBy === 'processes' && sample.held) this.#countsByProcess = true;
  }

  of({ id, name, uuid, memoryBytes }: MonitorInfo): WatchedDevice {
    const isAttributed = this.#used.mean !== undefined;
    return known({
      id,
      name,
      uuid,
      scope: isAttributed
        ? this.#countsByProcess || !this.#held
          ? 'processes'
          : 'alone'
        : this.#busy.mean === undefined
          ? 'none'
          : 'device',
      held: this.#held,
      usedShare: this.#used.mean ?? this.#busy.mean,
      busyShare: this.#busy.mean,
      others: this.#others.max,
      memoryPeakBytes: this.#memory.max,
      deviceMemoryPeakBytes: this.#deviceMemory.max,
      memoryBytes,
      clockMHz: this.#clockMHz.spread,
      powerW: this.#powerW.spread,
    });
  }
}
