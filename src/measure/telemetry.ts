import type {
  DeviceTelemetry,
  LabelledSample,
  Sample,
  Telemetry,
  TelemetryReading,
} from '../result/schema.js';
import { ENERGY_COUNTERS, EnergyPerIteration, railsOf } from './energy.js';
import type { Clock } from './types.js';

/** A device that paused for longer was idle for a part of the span. */
const LONGEST_PAUSE_NS = 50e6;

type Read = () => Promise<Telemetry | undefined>;

/**
 * Reads a device's sensors around its runs, never inside one. A device without sensors says so at
 * the first reading and is not asked again; nor is one whose reading failed, since what ails it will
 * show at its next run. So nothing here throws.
 */
export class Sensors {
  readonly #clock: Clock;
  #read: Read | undefined;
  #first: TelemetryReading | undefined;
  #last: TelemetryReading | undefined;
  /** Right after the latest run; undefined if the sensors have failed since. */
  #afterRun: TelemetryReading | undefined;
  readonly #energy = {
    device: new EnergyPerIteration(ENERGY_COUNTERS.device),
    cpu: new EnergyPerIteration(ENERGY_COUNTERS.cpu),
    memory: new EnergyPerIteration(ENERGY_COUNTERS.memory),
  };
  #iterations = 0;
  #startNs: number | undefined;
  readonly #blocks: TelemetryReading[] = [];

  constructor(clock: Clock, read: Read | undefined) {
    this.#clock = clock;
    this.#read = read;
  }

  /** At the start, and after a pause: where the next stretch of runs begins. */
  async beforeRun(): Promise<void> {
    if (this.#last && this.#sinceStart() - this.#last.atNs <= LONGEST_PAUSE_NS) return;
    const start = await this.#take();
    for (const energy of Object.values(this.#energy)) energy.begin(start);
    this.#first ??= start;
  }

  async afterRun(samples: readonly Sample[]): Promise<void> {
    this.#iterations += samples.reduce((sum, { iterations }) => sum + iterations, 0);
    const reading = await this.#take();
    this.#afterRun = reading;
    for (const energy of Object.values(this.#energy)) energy.afterRun(reading);
  }

  /** Keeps the reading after the latest run as that of a block, and labels its samples with it. */
  labelBlock(samples: readonly Sample[]): readonly LabelledSample[] {
    if (this.#afterRun) this.#blocks.push(this.#afterRun);
    const throttling = this.#afterRun?.throttling ?? [];
    return throttling.length > 0 ? samples.map((sample) => ({ ...sample, throttling })) : samples;
  }

  /** One more reading, when all is over. */
  async finish(): Promise<void> {
    if (this.#first) await this.#take();
  }

  /** What was read; undefined for a device without sensors. */
  telemetry(): DeviceTelemetry | undefined {
    if (!this.#first || !this.#last) return undefined;
    const { device, cpu, memory } = this.#energy;
    return {
      before: this.#first,
      blocks: this.#blocks,
      after: this.#last,
      ...(device.longest && { energy: device.longest }),
      ...railsOf(cpu.longest, memory.longest),
    };
  }

  async #take(): Promise<TelemetryReading | undefined> {
    const read = await this.#read?.().catch(() => undefined);
    if (read === undefined) {
      this.#read = undefined;
      return undefined;
    }
    this.#last = { atNs: this.#sinceStart(), iterations: this.#iterations, ...read };
    return this.#last;
  }

  #sinceStart(): number {
    this.#startNs ??= this.#clock.nowNs();
    return this.#clock.nowNs() - this.#startNs;
  }
}
