import type {
  DeviceTelemetry,
  Energy,
  LabelledSample,
  Sample,
  Telemetry,
  TelemetryReading,
} from '../result/schema.js';
import type { Clock } from './types.js';

/**
 * A difference of two readings may miss one update of the counter at either end: over ten of its
 * periods that is at most a tenth. NVML's counters are updated every 20 to 100 ms.
 */
const PERIODS_PER_SPAN = 10;
const USUAL_PERIOD_S = 0.1;
/** More than any device draws: a counter that says so has jumped. */
const LARGEST_POWER_W = 2_000;
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
  /** Where the current stretch of runs without a pause began. */
  #spanStart: TelemetryReading | undefined;
  #energy: Energy | undefined;
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
    this.#spanStart = await this.#take();
    this.#first ??= this.#spanStart;
  }

  async afterRun(samples: readonly Sample[]): Promise<void> {
    this.#iterations += samples.reduce((sum, { iterations }) => sum + iterations, 0);
    const reading = await this.#take();
    this.#afterRun = reading;
    // A gap in the counter: no difference may span it.
    if (reading?.energyJ === undefined || this.#spanStart?.energyJ === undefined) {
      this.#spanStart = reading;
    }
    const energy = reading && this.#spanStart && energyBetween(this.#spanStart, reading);
    if (energy && energy.spanNs > (this.#energy?.spanNs ?? 0)) this.#energy = energy;
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
    return {
      before: this.#first,
      blocks: this.#blocks,
      after: this.#last,
      ...(this.#energy && { energy: this.#energy }),
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

/** Per iteration, from the difference of the counter; undefined if the span is too short. */
function energyBetween(start: TelemetryReading, end: TelemetryReading): Energy | undefined {
  const spanNs = end.atNs - start.atNs;
  const iterations = end.iterations - start.iterations;
  if (start.energyJ === undefined || end.energyJ === undefined) return undefined;
  const periodS = Math.max(end.energyPeriodS ?? 0, USUAL_PERIOD_S);
  if (spanNs < PERIODS_PER_SPAN * periodS * 1e9 || iterations === 0) return undefined;
  const joules = end.energyJ - start.energyJ;
  if (joules < 0 || joules > (LARGEST_POWER_W * spanNs) / 1e9) return undefined;
  return { joulesPerIteration: joules / iterations, iterations, spanNs };
}
