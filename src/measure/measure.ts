import { measureClock } from './clock.js';
import { combineRuns } from './combine-runs.js';
import { Sampler } from './sampler.js';
import type {
  Clock,
  MeasureOptions,
  MeasureOutcome,
  MeasureProgress,
  SampledRun,
  Subject,
} from './types.js';

export interface MeasureEnvironment {
  readonly clock: Clock;
  /** Ends the measurement; every subject keeps what was measured. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MeasureProgress) => void;
  /** The smallest step of a subject's device clock, where it has one. */
  readonly deviceClockResolutionNs?: (subjectId: string) => number | undefined;
}

/**
 * Samples subjects against each other: each is calibrated and warmed up, then blocks of samples
 * alternate between them, so that what drifts (heat, clocks, other programs) hits all of them. Each
 * stops by its own rule. A subject that throws fails alone and keeps what was measured; the others
 * continue.
 * @returns one run per subject, in the order of `subjects`; never rejects because of a subject
 */
export async function sampleRun(
  subjects: readonly Subject[],
  options: MeasureOptions,
  env: MeasureEnvironment,
): Promise<Map<string, SampledRun>> {
  const clockCost = measureClock(env.clock);
  const samplers = subjects.map((subject) => {
    return new Sampler(subject, options, {
      clock: env.clock,
      clockCost,
      signal: env.signal,
      onProgress: env.onProgress,
      deviceResolutionNs: env.deviceClockResolutionNs?.(subject.id),
    });
  });
  await takeTurns(samplers, env.signal);
  for (const sampler of samplers) await sampler.finish();
  return new Map(samplers.map((sampler) => [sampler.id, sampler.result()]));
}

/** A measurement of a single run. */
export async function measure(
  subjects: readonly Subject[],
  options: MeasureOptions,
  env: MeasureEnvironment,
): Promise<Map<string, MeasureOutcome>> {
  const runs = await sampleRun(subjects, options, env);
  return new Map([...runs].map(([id, run]) => [id, combineRuns([run], options)]));
}

/** The share of one of several runs: together they use the time and the samples of one. @param run from 0 */
export function optionsOfRun(options: MeasureOptions, run: number, runs: number): MeasureOptions {
  const share = (samples: number) => {
    return Math.floor(((run + 1) * samples) / runs) - Math.floor((run * samples) / runs);
  };
  return {
    ...options,
    timeBudgetNs: options.timeBudgetNs / runs,
    minSamples: share(options.minSamples),
    maxSamples: share(options.maxSamples),
  };
}

async function takeTurns(samplers: readonly Sampler[], signal?: AbortSignal): Promise<void> {
  for (const sampler of samplers) {
    if (signal?.aborted) sampler.interrupt();
    else await sampler.prepare();
  }
  let active = samplers.filter((sampler) => !sampler.isFinished);
  while (active.length > 0) {
    for (const sampler of active) {
      if (signal?.aborted) sampler.interrupt();
      else await sampler.sampleBlock();
    }
    active = active.filter((sampler) => !sampler.isFinished);
  }
}
