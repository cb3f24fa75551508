import type { MeasureOptions } from '../types.js';
import type { SamplingState, StoppingRule } from './rule.js';

/** The maximum number of samples is reached. */
export class SampleLimitRule implements StoppingRule {
  readonly reason = 'samples';
  #limit = 0;
  #samples = 0;

  initialise({ maxSamples }: MeasureOptions): void {
    this.#limit = maxSamples;
    this.#samples = 0;
  }

  add({ samples }: SamplingState): void {
    this.#samples = samples;
  }

  isFinished(): boolean {
    return this.#samples >= this.#limit;
  }
}
