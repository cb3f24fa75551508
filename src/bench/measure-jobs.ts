import { availableParallelism } from 'node:os';
import { activeClock } from '../measure/active-clock.js';
import { sampleRun } from '../measure/measure.js';
import type { MeasureOptions, MeasureProgress } from '../measure/types.js';
import type { DeviceJob } from './device-job.js';

export interface JobsContext {
  /** Of this run. */
  readonly options: MeasureOptions;
  readonly signal: AbortSignal;
  /** Whether to time each op, after everything else of the last run. */
  readonly profile: boolean;
  readonly isLast: boolean;
  say(text: string): void;
}

/**
 * One run of jobs against each other: each is compiled and verified, then sampled in alternating blocks. Frameworks take
 * seconds to import, so they start side by side; compiling chooses kernels by their times and has the machine to itself.
 */
export async function measureJobs(
  jobs: readonly DeviceJob[],
  { options, signal, profile, isLast, say }: JobsContext,
): Promise<void> {
  await startAll(jobs, say);
  for (const job of jobs) await job.prepare((phase) => say(`${job.device.id}: ${phase}`));
  const runs = await sampleRun(
    jobs.filter((job) => job.isReady).map((job) => job.subject(jobs)),
    options,
    {
      clock: activeClock,
      signal,
      onProgress: (at) => say(describeProgress(at)),
      deviceClockResolutionNs: (id) =>
        jobs.find(({ device }) => device.id === id)?.device.deviceClock?.resolutionNs,
    },
  );
  for (const job of jobs) {
    const sampled = runs.get(job.device.id);
    if (sampled) job.history.add(sampled);
    // Ops are profiled once, after everything has been timed.
    if (!sampled || sampled.error || !isLast) continue;
    if (profile) await job.profile();
    await job.runPrograms();
  }
}

async function startAll(jobs: readonly DeviceJob[], say: JobsContext['say']): Promise<void> {
  const due = jobs.filter(({ device }) => device.framework);
  if (due.length === 0) return;
  say(`starting ${due.map(({ device }) => device.id).join(', ')}`);
  const next = due.values();
  const startInTurn = async () => {
    for (const job of next) await job.start();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, startInTurn));
}

function describeProgress({ subject, phase, samples, relativeInterval }: MeasureProgress): string {
  if (phase === 'warm-up') return `${subject}: warming up`;
  const precision =
    relativeInterval === undefined ? '' : `, ±${(relativeInterval * 100).toPrecision(2)} %`;
  return `${subject}: ${samples} samples${precision}`;
}
