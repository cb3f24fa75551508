import type { RunMode, Sample, Telemetry } from '../backends/types.js';
import type { ErrorRecord } from '../errors.js';

/** Monotonic time; scripted in tests. */
export interface Clock {
  nowNs(): number;
}

/**
 * Something that can be measured: an executable, here or in a worker process. `run` returns
 * `samples` samples of `iterations` iterations each. It may return fewer (at least one) when it has
 * been busy for `maxNs`; it throws an MpsbenchError when the device fails.
 */
export interface Subject {
  readonly id: string;
  run(request: BlockRequest): Promise<readonly Sample[]>;
  /** What the device's sensors say now; undefined where it has none. Asked between runs. */
  telemetry?(): Promise<Telemetry | undefined>;
}

export interface BlockRequest {
  readonly iterations: number;
  readonly samples: number;
  readonly mode: RunMode;
  readonly maxNs: number;
}

export interface MeasureOptions {
  readonly mode: RunMode;
  /** Time to spend on sampling each subject, without warm-up. */
  readonly timeBudgetNs: number;
  readonly warmupNs: number;
  readonly minSamples: number;
  readonly maxSamples: number;
  /**
   * Stop when the 95 % interval of this run's median lies within this share of it, for example 0.01.
   * What runs differ by from each other (run-to-run.ts) comes on top in the result.
   */
  readonly precision: number;
}

export type StoppedBy = 'precision' | 'noise' | 'time' | 'samples' | 'failure' | 'interrupt';

/** All values are nanoseconds per iteration. */
export interface Summary {
  readonly samples: number;
  readonly median: number;
  /** 95 % interval of the median, of repeated runs too (run-to-run.ts); too few samples have none. */
  readonly interval?: readonly [number, number];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly p90: number;
  /** IQR / median. */
  readonly noise: number;
  /** Indices of samples outside Tukey's fences (1.5 IQR): labelled, never removed. */
  readonly outliers: readonly number[];
}

/** A sample, and why the device's clocks were held down when its block ended, if they were. */
export interface LabelledSample extends Sample {
  readonly throttling?: readonly string[];
}

/** What the device's sensors said at one moment. */
export interface TelemetryReading extends Telemetry {
  /** Since the first reading. */
  readonly atNs: number;
  /** Iterations that the device had run by then, warm-up included. */
  readonly iterations: number;
}

/** From the energy counter, over the longest stretch of runs without a pause. */
export interface Energy {
  readonly joulesPerIteration: number;
  readonly iterations: number;
  readonly spanNs: number;
}

/** The device's sensors over a measurement. */
export interface DeviceTelemetry {
  /** Before calibration and warm-up. */
  readonly before: TelemetryReading;
  /** Right after each block of samples, up to the first reading that failed. */
  readonly blocks: readonly TelemetryReading[];
  /** After everything; the last reading where one has failed. */
  readonly after: TelemetryReading;
  readonly energy?: Energy;
}

export interface Measurement {
  readonly iterationsPerSample: number;
  /** Kept, not counted. */
  readonly warmup: readonly Sample[];
  readonly samples: readonly LabelledSample[];
  /** The length of each block of consecutive samples; they add up to `samples.length`. */
  readonly blocks: readonly number[];
  readonly wall: Summary;
  /** Only where every sample has a device time. */
  readonly device?: Summary;
  /** Only of a device with sensors. */
  readonly telemetry?: DeviceTelemetry;
  readonly stoppedBy: StoppedBy;
  /** Named doubts about the numbers: `not-converged`, `drift`, `bimodal`, `coarse-clock` and so on. */
  readonly warnings: readonly MeasureWarning[];
}

export interface MeasureWarning {
  readonly name: string;
  readonly message: string;
  readonly advice: string;
}

/** What came of one subject. A failure keeps what was measured before it. */
export type MeasureOutcome =
  | { readonly state: 'measured'; readonly measurement: Measurement }
  | {
      readonly state: 'failed' | 'interrupted';
      readonly error: ErrorRecord;
      readonly measurement?: Measurement;
    };

/** baseline median / subject median on the same clock: above 1, the subject is faster. */
export interface Speedup {
  readonly value: number;
  /** 95 %; missing where one of the medians has none. */
  readonly interval?: readonly [number, number];
  readonly clock: 'wall' | 'device';
}

export interface MeasureProgress {
  readonly subject: string;
  readonly phase: 'warm-up' | 'sampling';
  readonly samples: number;
  /** Half the width of the interval over the median, so far. */
  readonly relativeInterval?: number;
}
