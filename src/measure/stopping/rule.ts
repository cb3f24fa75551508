import type { StoppedBy } from '../../result/schema.js';
import type { MeasureOptions } from '../types.js';

/** What a rule learns after each block. */
export interface SamplingState {
  readonly samples: number;
  /** Time spent on sampling this subject, without warm-up. */
  readonly elapsedNs: number;
  /** Half the width of the interval of the median over the median, where it has one. */
  readonly relativeInterval: number | undefined;
  /** IQR / median of all samples so far. */
  readonly noise: number;
  /** The samples so far are not those of a quiet machine: their agreement says nothing. */
  readonly isDisturbed?: boolean;
}

/** Decides when a subject has been sampled enough. */
export interface StoppingRule {
  readonly reason: StoppedBy;
  /** Called once, before the first block. */
  initialise(options: MeasureOptions): void;
  /** Called after each block. */
  add(state: SamplingState): void;
  isFinished(): boolean;
}
