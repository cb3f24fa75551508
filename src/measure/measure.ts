import { measureClock } from './clock.js';
import { Session } from './sampler.js';
import type { Clock, MeasureOptions, MeasureOutcome, MeasureProgress, Subject } from './types.js';

export interface MeasureEnvironment {
  readonly clock: Clock;
  /** Ends the measurement; every subject keeps what was measured. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MeasureProgress) => void;
  /** The smallest step of a subject's device clock, where it has one. */
  readonly deviceClockResolutionNs?: (subjectId: string) => number | undefined;
}

/**
 * Measures subjects against each other: each is calibrated and warmed up, then blocks of samples
 * alternate between them, so that what drifts (heat, clocks, other programs) hits all of them. Each
 * stops by its own rule. A subject that throws fails alone and keeps what was measured; the others
 * go on.
 * @returns one outcome a subject, in the order of `subjects`; never rejects because of a subject
 */
export async function measure(
  subjects: readonly Subject[],
  options: MeasureOptions,
  env: MeasureEnvironment,
): Promise<Map<string, MeasureOutcome>> {
  const clockCost = measureClock(env.clock);
  const sessions = subjects.map((subject) => {
    return new Session(subject, options, {
      clock: env.clock,
      clockCost,
      signal: env.signal,
      onProgress: env.onProgress,
      deviceResolutionNs: env.deviceClockResolutionNs?.(subject.id),
    });
  });
  await takeTurns(sessions, env.signal);
  for (const session of sessions) await session.finish();
  return new Map(sessions.map((session) => [session.id, session.outcome()]));
}

async function takeTurns(sessions: readonly Session[], signal?: AbortSignal): Promise<void> {
  for (const session of sessions) {
    if (signal?.aborted) session.interrupt();
    else await session.prepare();
  }
  let active = sessions.filter((session) => !session.isFinished);
  while (active.length > 0) {
    for (const session of active) {
      if (signal?.aborted) session.interrupt();
      else await session.sampleBlock();
    }
    active = active.filter((session) => !session.isFinished);
  }
}
