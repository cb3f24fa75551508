import type { Sample } from '../result/schema.js';
import { wallPerIteration } from './series.js';
import { median } from './statistics.js';
import type { Clock } from './types.js';

const MILLISECOND = 1e6;

/** The last blocks of the warm-up agree when their medians lie within this share of each other. */
const AGREEMENT = 0.05;
const AGREEING_BLOCKS = 3;
/** The warm-up is this many blocks long when they agree at once. */
const BLOCKS = 5;
/** A subject that does not settle is warmed up for this many times `warmupNs`, then measured anyway. */
const PATIENCE = 3;

export interface WarmUp {
  readonly samples: readonly Sample[];
  /** Whether the last blocks agreed before the patience was at its end. */
  readonly settled: boolean;
}

/**
 * Runs a subject until `warmupNs` have passed and its last blocks agree. Clocks ramp, caches and
 * page tables fill, code is compiled: time alone says little about when that is over.
 * @param runFor runs the subject for about so many nanoseconds, at least one sample
 */
export async function warmUp(
  runFor: (durationNs: number) => Promise<readonly Sample[]>,
  clock: Clock,
  warmupNs: number,
): Promise<WarmUp> {
  const samples: Sample[] = [];
  const medians: number[] = [];
  const startNs = clock.nowNs();
  let elapsedNs = 0;
  let settled = warmupNs <= 0;
  while (elapsedNs < warmupNs || (!settled && elapsedNs < PATIENCE * warmupNs)) {
    const block = await runFor(warmupNs / BLOCKS);
    samples.push(...block);
    medians.push(median(block.map(wallPerIteration)));
    settled = agree(medians.slice(-AGREEING_BLOCKS));
    elapsedNs = clock.nowNs() - startNs;
  }
  return { samples, settled };
}

function agree(medians: readonly number[]): boolean {
  if (medians.length < AGREEING_BLOCKS) return false;
  return Math.max(...medians) <= Math.min(...medians) * (1 + AGREEMENT);
}

/** A pause longer than this lets clocks fall and caches fill with the work of others. */
export const PAUSE_NS = 5 * MILLISECOND;

const LONGEST_RESUME_NS = 50 * MILLISECOND;
/** An M1's GPU needs up to 440 ms until its clocks are back. */
const PATIENT_RESUME_NS = 500 * MILLISECOND;
/** An iteration this long warms up by itself: what it loses at its start does not show. */
const SELF_WARMING_NS = 20 * LONGEST_RESUME_NS;

/**
 * How long to run a subject at least before its first sample after a pause; 0 where that would bring nothing.
 */
export function resumeNs(pauseNs: number, warmupNs: number, iterationNs: number): number {
  if (pauseNs <= PAUSE_NS || iterationNs >= SELF_WARMING_NS) return 0;
  return Math.min(LONGEST_RESUME_NS, warmupNs / 10);
}

/**
 * Runs a subject after a pause until it is as fast as before: a GPU's clocks need a few tens to some hundred
 * milliseconds to come back. Gives up after half a second, or after `patienceNs`: what has become slower for another reason
 * is not waited for.
 * @param durationNs at least so long, as `resumeNs` says
 * @param iterationNs of an iteration before the pause
 */
export async function resume(
  runFor: (durationNs: number) => Promise<readonly Sample[]>,
  clock: Clock,
  durationNs: number,
  patienceNs: number,
  iterationNs: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const startNs = clock.nowNs();
  const longestNs = Math.min(PATIENT_RESUME_NS, patienceNs);
  for (;;) {
    const block = await runFor(durationNs);
    samples.push(...block);
    if (median(block.map(wallPerIteration)) <= iterationNs * (1 + AGREEMENT)) return samples;
    if (clock.nowNs() - startNs >= longestNs) return samples;
  }
}
