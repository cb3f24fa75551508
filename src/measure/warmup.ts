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
/** An iteration this long needs no warm-up: the loss at its start is negligible. */
const SELF_WARMING_NS = 20 * LONGEST_RESUME_NS;

/**
 * How long to run a subject before its first sample after a pause; 0 if that would bring nothing.
 */
export function resumeNs(pauseNs: number, warmupNs: number, iterationNs: number): number {
  if (pauseNs <= PAUSE_NS || iterationNs >= SELF_WARMING_NS) return 0;
  return Math.min(LONGEST_RESUME_NS, warmupNs / 10);
}
