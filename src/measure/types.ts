import type { ErrorRecord } from '../errors.js';
import type {
  DeviceTelemetry,
  LabelledSample,
  Measurement,
  RunMode,
  Sample,
  StoppedBy,
  Telemetry,
} from '../result/schema.js';

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
  /** Whether other programs on the CPUs slow it down as much as they slow down this one. */
  readonly computesOnCpu?: boolean;
  /** What the device's sensors say now; undefined if it has none. Asked between runs. */
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
  /** Stop a run when the 95 % interval of its median lies within this share of it, for example 0.01. */
  readonly precision: number;
}

/** What one run of one subject gave: everything that was sampled, and what ended it. */
export interface SampledRun {
  readonly iterationsPerSample: number;
  /** As its subject says. */
  readonly computesOnCpu?: boolean;
  readonly warmup: readonly Sample[];
  readonly warmUpSettled: boolean;
  readonly samples: readonly LabelledSample[];
  /** Lengths of the blocks; they add up to `samples.length`. */
  readonly blocks: readonly number[];
  readonly telemetry?: DeviceTelemetry;
  readonly stoppedBy: StoppedBy;
  /** When the run began, by the host's clock. */
  readonly startNs: number;
  /** The smallest step of the host's clock. */
  readonly clockStepNs: number;
  /** The smallest step of the device's clock, where it has one. */
  readonly deviceResolutionNs?: number;
  /** Why the run ended before its time; what was sampled before is kept. */
  readonly error?: ErrorRecord;
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
  /** 95 %; missing if one of the medians has none. */
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
