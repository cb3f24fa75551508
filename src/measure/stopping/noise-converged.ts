import type { SamplingState, StoppingRule } from './rule.js';

/** Blocks over which the noise must have stayed the same. */
const WINDOW = 12;
/** Samples before the noise itself is known well enough to be judged. */
const MIN_SAMPLES = 64;
/** Share of its own mean within which the noise may still move (standard deviation). */
const STILL_MOVING = 0.05;

/**
 * The noise has stopped changing: more samples would measure the same noise again, and narrow the
 * interval only with the square root of the time. The idea is that of nvbench's `stdrel` criterion,
 * which tracks the relative standard deviation; here it is IQR / median, which one outlier does not
 * move, once per block.
 */
export class NoiseConvergedRule implements StoppingRule {
  readonly reason = 'noise';
  #recent: number[] = [];
  #samples = 0;

  initialise(): void {
    this.#recent = [];
    this.#samples = 0;
  }

  add({ noise, samples }: SamplingState): void {
    this.#samples = samples;
    this.#recent.push(noise);
    if (this.#recent.length > WINDOW) this.#recent.shift();
  }

  isFinished(): boolean {
    if (this.#samples < MIN_SAMPLES || this.#recent.length < WINDOW) return false;
    const mean = this.#recent.reduce((sum, noise) => sum + noise, 0) / WINDOW;
    const squares = this.#recent.reduce((sum, noise) => sum + (noise - mean) ** 2, 0);
    return Math.sqrt(squares / (WINDOW - 1)) < STILL_MOVING * mean;
  }
}
