import type { DeviceId } from '../backends/types.js';
import { activeClock } from '../measure/active-clock.js';
import { speedup } from '../measure/compare.js';
import { sampleRun } from '../measure/measure.js';
import type { BlockRequest, MeasureOptions, SampledRun, Subject } from '../measure/types.js';
import type { DeviceInfo, Measurement, Row, Warning } from '../result/schema.js';
import { formatLonger } from '../result/units.js';
import { DeviceJob, type JobSettings, RunHistory } from './device-job.js';
import { kernelsThatRan, OTHER_KERNELS_ADVICE } from './kernels-that-ran.js';
import type { ComparedWorkload } from './settings.js';

/** A device slowed by others by at least this factor gets a warning. */
const NOTICEABLE = 1.05;

/** A measurement beside other devices, and the kernels that ran in it. */
export interface Beside {
  readonly measurement: Measurement;
  readonly kernels: string;
}

export interface TogetherContext {
  readonly settings: JobSettings;
  readonly options: MeasureOptions;
  readonly signal: AbortSignal;
  say(text: string): void;
}

/**
 * Measures a workload on all devices at the same time (--together), one worker each. A device that has its
 * samples continues running until the last one has its own, so that each is measured beside all others.
 * @returns a measurement for each device that finished, if at least two did
 */
export async function measureTogether(
  devices: readonly DeviceInfo[],
  compared: ComparedWorkload,
  { settings, options, signal, say }: TogetherContext,
): Promise<ReadonlyMap<DeviceId, Beside>> {
  // The tensors of the verified run are saved already.
  const own = { ...settings, saveTensors: undefined };
  const jobs = devices.map(
    (device) => new DeviceJob(new RunHistory(device), compared, own, signal),
  );
  try {
    for (const job of jobs) await job.prepare((phase) => say(`${job.device.id}: ${phase}`));
    const ready = jobs.filter(({ isReady }) => isReady);
    if (ready.length < 2) return new Map();
    say('all devices at the same time');
    const runs = await sampleAtOnce(
      ready.map((job) => job.subject(jobs)),
      options,
      signal,
    );
    for (const job of ready) job.history.add(runs.get(job.device.id) as SampledRun);
    return new Map(
      ready.flatMap(({ history, device }) => {
        const { outcome, prepared } = history.parts(options);
        if (outcome?.state !== 'measured') return [];
        const kernels = kernelsThatRan(prepared?.placement ?? []);
        return [[device.id, { measurement: outcome.measurement, kernels }] as const];
      }),
    );
  } finally {
    await Promise.all(jobs.map((job) => job.close()));
  }
}

/** Samples subjects at the same time; none is idle before all have their samples. */
export async function sampleAtOnce(
  subjects: readonly Subject[],
  options: MeasureOptions,
  signal: AbortSignal,
): Promise<Map<string, SampledRun>> {
  let sampling = subjects.length;
  const runs = await Promise.all(
    subjects.map(async (subject) => {
      let latest: BlockRequest | undefined;
      const observed: Subject = {
        ...subject,
        run: (request) => {
          latest = request;
          return subject.run(request);
        },
      };
      const run = await sampleRun([observed], options, { clock: activeClock, signal });
      sampling -= 1;
      const failed = run.get(subject.id)?.error !== undefined;
      const keepBusy = failed ? undefined : latest;
      while (keepBusy && sampling > 0 && !signal.aborted) {
        // A failure now costs nothing: all samples are there.
        const isAlive = await subject.run(keepBusy).then(
          () => true,
          () => false,
        );
        if (!isAlive) break;
      }
      return run;
    }),
  );
  return new Map(runs.flatMap((run) => [...run]));
}

/** Adds what each device took beside the others, and how that compares with alone. */
export function addTogether(rows: readonly Row[], together: ReadonlyMap<DeviceId, Beside>): Row[] {
  return rows.map((row) => {
    const beside = together.get(row.device);
    if (!beside || !row.measurement || row.state !== 'measured' || together.size < 2) return row;
    const { wall } = beside.measurement;
    const { value, interval } = speedup(wall, row.measurement.wall, 'wall');
    if (!Number.isFinite(value)) return row;
    const others = [...together.keys()].filter((id) => id !== row.device);
    const otherKernels = beside.kernels !== kernelsThatRan(row.placement) || undefined;
    return { ...row, together: { with: others, wall, ratio: value, interval, otherKernels } };
  });
}

const SHARED_LIMIT_ADVICE =
  'They share a limit: power, PCIe, host memory or CPUs. --details shows clocks and power; mpsbench devices shows how they are connected.';

/** Devices that slow each other down, and --together if there was nothing to run together. */
export function togetherWarnings(isWanted: boolean, rows: readonly Row[]): Warning[] {
  if (!isWanted) return [];
  if (!rows.some(({ together }) => together)) {
    return [
      {
        name: 'no-together',
        message: '--together needs two devices that can be measured, and there are fewer.',
        advice: 'Name several with --device cuda:0,cuda:1, --device "cuda:*" or --device all.',
      },
    ];
  }
  return rows.flatMap(({ workload, device, together }) => {
    // Within its interval it may be no slower at all.
    if (!together || (together.interval?.[0] ?? together.ratio) < NOTICEABLE) return [];
    const others = together.with.join(', ');
    return {
      name: 'shared-limit',
      message: `${device} ${formatLonger(together.ratio)} for ${workload} when it runs together with ${others}${together.otherKernels ? ', and it ran other kernels than alone' : ''}.`,
      advice: together.otherKernels ? OTHER_KERNELS_ADVICE : SHARED_LIMIT_ADVICE,
    };
  });
}
