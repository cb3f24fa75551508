import { seededRandom } from '../../src/measure/resampling-random.js';

/** Scripted series of times with a known true median, in nanoseconds per iteration. */
export interface ScriptedSeries {
  readonly values: number[];
  readonly blocks: number[];
  readonly trueMedian: number;
}

export const TRUE_MEDIAN = 1e6;

/** A standard normal number (Box and Muller). */
export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface SeriesShape {
  readonly blocks: number;
  readonly samplesPerBlock: number;
  /** Standard deviation of a sample within its block, as a share of the median. */
  readonly within?: number;
  /** Standard deviation of the blocks, as a share of the median. */
  readonly between?: number;
  /** Correlation of a block with the one before it. */
  readonly carryOver?: number;
  /** Skewed to the right: a log-normal noise of the same median. */
  readonly skewed?: boolean;
}

/** Blocks with levels of their own (an AR(1) process), and noise inside each. */
export function blockSeries(seed: number, shape: SeriesShape): ScriptedSeries {
  const { blocks, samplesPerBlock, within = 0.02, between = 0, carryOver = 0 } = shape;
  const random = seededRandom(seed);
  const values: number[] = [];
  let level = gaussian(random);
  for (let block = 0; block < blocks; block++) {
    if (block > 0) level = carryOver * level + Math.sqrt(1 - carryOver ** 2) * gaussian(random);
    for (let i = 0; i < samplesPerBlock; i++) {
      const noise = gaussian(random);
      const relative = shape.skewed ? Math.exp(10 * within * noise) - 1 : within * noise;
      values.push(TRUE_MEDIAN * (1 + between * level) * (1 + relative));
    }
  }
  return {
    values,
    blocks: Array.from({ length: blocks }, () => samplesPerBlock),
    trueMedian: TRUE_MEDIAN,
  };
}
