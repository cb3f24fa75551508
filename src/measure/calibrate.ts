import { MpsbenchError } from '../errors.js';
import type { RunMode, Sample } from '../result/schema.js';
import type { ClockCost } from './clock.js';
import { wallPerIteration } from './series.js';
import type { MeasureOptions } from './types.js';

const MILLISECOND = 1e6;

/** The clock may cost, and round away, this share of a sample. */
const CLOCK_SHARE = 1e-3;

/**
 * Long enough that what a sample costs besides itself (submitting a group, waiting for it once,
 * reading a GPU's timestamps back, 0.2 ms and more) is about a hundredth of it.
 */
const SHORTEST_SAMPLE_NS = {
  latency: 20 * MILLISECOND,
  throughput: 50 * MILLISECOND,
} as const satisfies Record<RunMode, number>;

/** A guard against a clock that does not advance. */
const MAX_ITERATIONS = 2 ** 20;

/** One trial may be this many times longer than the one before it. */
const MAX_GROWTH = 16;

/**
 * How long a sample should be: two readings of the host's clock cost, and one step of any clock
 * blurs, at most 0.1 % of it; but no longer than lets `minSamples` fit into the time budget.
 * @param deviceResolutionNs the smallest step of the device's clock, where it has one
 */
export function targetSampleNs(
  { mode, timeBudgetNs, minSamples }: MeasureOptions,
  clock: ClockCost,
  deviceResolutionNs = 0,
): number {
  const wanted = Math.max(
    SHORTEST_SAMPLE_NS[mode],
    (2 * clock.readNs) / CLOCK_SHARE,
    clock.stepNs / CLOCK_SHARE,
    deviceResolutionNs / CLOCK_SHARE,
  );
  return Math.min(wanted, timeBudgetNs / Math.max(1, minSamples));
}

/** Iterations that fill a sample; 1 if a single one is longer. */
export function iterationsFor(iterationNs: number, sampleNs: number): number {
  const wanted = Math.ceil(sampleNs / Math.max(iterationNs, 1e-3));
  return Math.min(Math.max(1, wanted), MAX_ITERATIONS);
}

export interface Calibration {
  readonly iterationsPerSample: number;
  /** Nanoseconds per iteration of the last trial. */
  readonly iterationNs: number;
  readonly trials: readonly Sample[];
}

/**
 * Finds the iterations per sample from trial runs of 1, 2, 4, ... iterations, faster where the goal
 * is far. The first run of anything is slow (lazy loading, page faults), so one iteration is tried
 * twice unless it takes longer than `patienceNs`.
 * @throws MpsbenchError `implausible` if no number of iterations takes any time
 */
export async function calibrate(
  run: (iterations: number) => Promise<Sample>,
  sampleNs: number,
  patienceNs: number,
): Promise<Calibration> {
  let sample = await run(1);
  const trials = [sample];
  if (sample.wallNs < patienceNs) {
    sample = await run(1);
    trials.push(sample);
  }
  while (sample.wallNs < sampleNs && sample.iterations < MAX_ITERATIONS) {
    const { iterations } = sample;
    const enough = iterationsFor(wallPerIteration(sample), sampleNs);
    const next = Math.min(Math.max(enough, 2 * iterations), MAX_GROWTH * iterations);
    sample = await run(Math.min(next, MAX_ITERATIONS));
    trials.push(sample);
  }
  if (sample.wallNs === 0) {
    throw new MpsbenchError(
      'implausible',
      `The clock saw no time at all in ${sample.iterations.toLocaleString('en-US')} iterations.`,
      'Measure a larger problem; if that sees no time either, trust no time of this device.',
    );
  }
  const iterationNs = wallPerIteration(sample);
  return { iterationsPerSample: iterationsFor(iterationNs, sampleNs), iterationNs, trials };
}
