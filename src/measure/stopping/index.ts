import type { StoppedBy } from '../../result/schema.js';
import type { MeasureOptions } from '../types.js';
import { MedianIntervalRule } from './median-interval.js';
import { NoiseConvergedRule } from './noise-converged.js';
import type { SamplingState, StoppingRule } from './rule.js';
import { SampleLimitRule } from './sample-limit.js';
import { TimeBudgetRule } from './time-budget.js';

/**
 * One iteration may take minutes: sampling ends when it has taken this many times its budget, with
 * the smallest number of samples or without.
 */
export const OVERRUN = 4;

/**
 * All rules together, the most welcome reason first; where a number of samples was requested, that is
 * the reason. No rule stops below `minSamples`, except for the overrun; disturbed samples stop by their number
 * or their time only.
 */
export class Stopping {
  readonly #rules: readonly StoppingRule[];
  /** Those that believe in the samples. */
  readonly #trusting: ReadonlySet<StoppingRule>;
  readonly #options: MeasureOptions;
  #state: SamplingState | undefined;

  constructor(options: MeasureOptions) {
    this.#options = options;
    const precise = [new MedianIntervalRule(), new NoiseConvergedRule()];
    const exact = options.minSamples === options.maxSamples;
    this.#trusting = new Set(precise);
    this.#rules = [...(exact ? [] : precise), new SampleLimitRule(), new TimeBudgetRule()];
    for (const rule of this.#rules) rule.initialise(options);
  }

  add(state: SamplingState): void {
    this.#state = state;
    for (const rule of this.#rules) rule.add(state);
  }

  /** Which rule has stopped the sampling, or undefined while it continues. */
  stoppedBy(): StoppedBy | undefined {
    if (this.#state === undefined) return undefined;
    const { samples, elapsedNs, isDisturbed } = this.#state;
    const { minSamples, maxSamples, timeBudgetNs } = this.#options;
    if (samples < Math.min(minSamples, maxSamples)) {
      return elapsedNs >= OVERRUN * timeBudgetNs ? 'time' : undefined;
    }
    return this.#rules.find((rule) => {
      return rule.isFinished() && !(isDisturbed && this.#trusting.has(rule));
    })?.reason;
  }
}
