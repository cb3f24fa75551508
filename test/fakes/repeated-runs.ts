import { seededRandom } from '../../src/measure/resampling-random.js';
import { gaussian, TRUE_MEDIAN } from './series.js';

/** How a scripted machine behaves over repeated runs. Shares are of the median. */
export interface Machine {
  /** Standard deviation of samples within a run. */
  readonly within: number;
  /** Standard deviation of the level of runs. */
  readonly between?: number;
  /** Correlation of a sample with the one before it. */
  readonly carryOver?: number;
  /** Change of the level from the first to the last sample of the measurement. */
  readonly drift?: number;
  /** Probability that a run is slow, and by which factor. */
  readonly slow?: { readonly probability: number; readonly factor: number };
}

const SAMPLES_PER_RUN = 24;
const BLOCKS_PER_RUN = 8;

/** One scripted measurement; its true median is TRUE_MEDIAN, or of a bimodal machine the mixture's. */
export function repeatedRuns(seed: number, runs: number, machine: Machine) {
  const { within, between = 0, carryOver = 0, drift = 0, slow } = machine;
  const random = seededRandom(seed);
  const values: number[] = [];
  for (let run = 0; run < runs; run++) {
    const isSlow = slow !== undefined && random() < slow.probability;
    const level = (1 + between * gaussian(random)) * (isSlow ? slow.factor : 1);
    let noise = gaussian(random);
    for (let i = 0; i < SAMPLES_PER_RUN; i++) {
      noise = carryOver * noise + Math.sqrt(1 - carryOver ** 2) * gaussian(random);
      const position = (run * SAMPLES_PER_RUN + i) / (runs * SAMPLES_PER_RUN - 1) - 0.5;
      values.push(TRUE_MEDIAN * level * (1 + drift * position) * (1 + within * noise));
    }
  }
  const blocks = Array.from({ length: runs * BLOCKS_PER_RUN }, () => {
    return SAMPLES_PER_RUN / BLOCKS_PER_RUN;
  });
  return { values, blocks, runs: Array.from({ length: runs }, () => SAMPLES_PER_RUN) };
}
