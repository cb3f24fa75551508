import type { MeasureOptions } from '../types.js';
import type { SamplingState, StoppingRule } from './rule.js';

/** A rule that looks after every block would stop at the first lucky look. */
const LOOKS_IN_A_ROW = 2;

/**
 * The 95 % interval of the median lies within ± precision of it, twice in a row: stopping at the
 * first narrow interval prefers intervals that are narrow by chance.
 */
export class MedianIntervalRule implements StoppingRule {
  readonly reason = 'precision';
  #precision = 0;
  #narrowLooks = 0;

  initialise({ precision }: MeasureOptions): void {
    this.#precision = precision;
    this.#narrowLooks = 0;
  }

  add({ relativeInterval = Number.POSITIVE_INFINITY }: SamplingState): void {
    this.#narrowLooks = relativeInterval <= this.#precision ? this.#narrowLooks + 1 : 0;
  }

  isFinished(): boolean {
    return this.#narrowLooks >= LOOKS_IN_A_ROW;
  }
}
