import type { MeasureOptions } from '../types.js';
import type { SamplingState, StoppingRule } from './rule.js';

/** The time for sampling is spent. */
export class TimeBudgetRule implements StoppingRule {
  readonly reason = 'time';
  #budgetNs = 0;
  #elapsedNs = 0;

  initialise({ timeBudgetNs }: MeasureOptions): void {
    this.#budgetNs = timeBudgetNs;
    this.#elapsedNs = 0;
  }

  add({ elapsedNs }: SamplingState): void {
    this.#elapsedNs = elapsedNs;
  }

  isFinished(): boolean {
    return this.#elapsedNs >= this.#budgetNs;
  }
}
