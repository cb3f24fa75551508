import type { MeasureOptions, StoppedBy } from '../types.js';
import { MedianIntervalRule } from './median-interval.js';
import { NoiseConvergedRule } from './noise-converged.js';
import type { SamplingState, StoppingRule } from './rule.js';
import { SampleLimitRule } from './sample-limit.js';
import { TimeBudgetRule } from './time-budget.js';

/** One iteration may take minutes: the smallest number of samples is not waited for for ever. */
const OVERRUN = 4;

/**
 * All rules together, the most welcome reason first. No rule stops below `minSamples`, except that
 * sampling ends when it has taken four times its budget.
 */
export class Stopping {
  readonly #rules: readonly StoppingRule[] = [
    new MedianIntervalRule(),
    new NoiseConvergedRule(),
    new SampleLimitRule(),
    new TimeBudgetRule(),
  ];
  readonly #options: MeasureOptions;
  #state: SamplingState | undefined;

  constructor(options: MeasureOptions) {
    this.#options = options;
    for (const rule of this.#rules) rule.initialise(options);
  }

  add(state: SamplingState): void {
    this.#state = state;
    for (const rule of this.#rules) rule.add(state);
  }

  /** Which rule has stopped the sampling, or undefined while it goes on. */
  stoppedBy(): StoppedBy | undefined {
    if (this.#state === undefined) return undefined;
    const { samples, elapsedNs } = this.#state;
    if (elapsedNs >= OVERRUN * this.#options.timeBudgetNs) return 'time';
    if (samples < Math.min(this.#options.minSamples, this.#options.maxSamples)) return undefined;
    return this.#rules.find((rule) => rule.isFinished())?.reason;
  }
}
