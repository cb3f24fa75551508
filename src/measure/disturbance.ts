import { availableParallelism } from 'node:os';
import type { CounterReading } from '../host/kernel-counters.js';
import type { Activity, DeviceKind, Disturbance, Sample } from '../result/schema.js';

/** A quiet machine's own services use less than this share of a sample. */
const DISTURBED_SHARE = 0.03;
/** Gaps shorter than this share are threads handing work to each other. */
const IDLE_SHARE = 0.1;
/** A row is unreliable when this share of its time is lost, or of its samples disturbed. */
const LOST_TIME_SHARE = 0.05;
const DISTURBED_SAMPLES_SHARE = 0.25;
/** Others on this share of a CPU, where they and we together need nearly every CPU. */
const CROWDING_CPUS = 0.25;
const ALL_CPUS_SHARE = 0.9;
/** The load of others is counted in ticks of 10 ms: it says nothing about a shorter time than this. */
const SHORTEST_FOR_TICKS_NS = 1e8;
/** Of the boot clock's resolution of 10 ms; no one sleeps for less. */
const SHORTEST_SLEEP_NS = 1e8;

/** Whether other programs on the CPUs slow a device down as much as they slow down this one. */
export function computesOnCpu(kind: DeviceKind): boolean {
  return kind === 'cpu' || kind === 'software';
}

/**
 * What happened between two readings of the counters, around a sample.
 * @param computesHere whether the sample's work is done by the threads that are counted, all the time
 */
export function activityBetween(
  before: CounterReading,
  after: CounterReading,
  computesHere: boolean,
): Activity {
  const spanNs = rise(before.atNs, after.atNs);
  const cpuNs = rise(before.cpuNs, after.cpuNs);
  const waits = [...(after.waitNs ?? [])].map(([thread, ns]) => {
    return rise(before.waitNs?.get(thread) ?? 0, ns);
  });
  const waitedNs = Math.min(spanNs, Math.max(0, ...waits));
  const accountedNs = waits.reduce((sum, ns) => sum + ns, cpuNs);
  const gapNs = computesHere ? spanNs - accountedNs : 0;
  const otherNs = rise(before.busyNs, after.busyNs) - cpuNs;
  return withoutZeros({
    spanNs,
    cpuNs,
    waitedNs,
    idleNs: gapNs > IDLE_SHARE * spanNs ? gapNs : 0,
    preemptions: rise(before.preemptions, after.preemptions),
    // Ticks are coarse: what is negative here is given back by the next sample.
    otherNs: before.busyNs === undefined ? 0 : otherNs,
    stolenNs: rise(before.stolenNs, after.stolenNs),
    throttledNs: rise(before.throttledNs, after.throttledNs),
  });
}

/** Time that the machine was asleep between two readings; 0 if unknown. */
export function sleepBetween(before: CounterReading, after: CounterReading): number {
  if (before.bootNs === undefined || after.bootNs === undefined) return 0;
  const asleepNs = after.bootNs - before.bootNs - (after.atNs - before.atNs);
  return asleepNs >= SHORTEST_SLEEP_NS ? asleepNs : 0;
}

/** A sample with what happened meanwhile, and with labels where that disturbed it. */
export function labelled(sample: Sample, activity: Activity): Sample {
  const { spanNs = sample.wallNs } = activity;
  const isMuch = (ns = 0) => ns > DISTURBED_SHARE * spanNs;
  const disturbed: NonNullable<Sample['disturbed']> = [
    ...(isMuch(offCpuNs(activity)) ? (['off-cpu'] as const) : []),
    ...(isMuch(activity.stolenNs) ? (['stolen'] as const) : []),
    ...(isMuch(activity.throttledNs) ? (['throttled'] as const) : []),
    ...(activity.suspendedNs ? (['suspended'] as const) : []),
  ];
  return { ...sample, activity, ...(disturbed.length > 0 && { disturbed }) };
}

/**
 * What was lost for want of a CPU. On a GPU too, whatever its clock says: between two launches it waits for
 * its host, and a time from the first launch to the last holds that wait.
 */
function offCpuNs({ waitedNs = 0, idleNs = 0 }: Activity): number {
  return waitedNs + idleNs;
}

/**
 * What disturbed the samples of a measurement, all together.
 * @param onCpu whether the device computes on the CPU (`computesOnCpu`)
 * @param cpus that the process may use
 */
export function disturbanceOf(
  samples: readonly Sample[],
  onCpu: boolean,
  cpus = availableParallelism(),
): Disturbance | undefined {
  const known = samples.flatMap(({ wallNs, activity }) => {
    return activity ? [{ spanNs: wallNs, ...activity }] : [];
  });
  const spanNs = known.reduce((sum, activity) => sum + activity.spanNs, 0);
  if (!(spanNs > 0)) return undefined;
  const total = (of: (activity: Activity) => number | undefined) =>
    known.reduce((sum, activity) => sum + (of(activity) ?? 0), 0);
  const share = (of: (activity: Activity) => number | undefined) => Math.min(1, total(of) / spanNs);
  // A repeated sample is clean.
  const count = samples.filter(({ disturbed = [] }) => {
    return disturbed.some((reason) => reason !== 'suspended');
  }).length;
  const ownCpus = total(({ cpuNs }) => cpuNs) / spanNs;
  const otherCpus = Math.max(0, total(({ otherNs }) => otherNs) / spanNs);
  const isCrowded =
    onCpu && otherCpus >= CROWDING_CPUS && ownCpus + otherCpus >= ALL_CPUS_SHARE * cpus;
  const knowsOthers = known.some(({ otherNs }) => otherNs !== undefined);
  const waited = share(offCpuNs);
  // Threads that wait for each other, being more than CPUs, wait on a quiet machine as well.
  const byOthers = share(({ idleNs = 0, otherNs = 0, stolenNs = 0, throttledNs = 0 }) => {
    return idleNs + otherNs + stolenNs + throttledNs;
  });
  const lost = {
    offCpu:
      knowsOthers && spanNs >= SHORTEST_FOR_TICKS_NS
        ? Math.max(0, Math.min(waited, byOthers))
        : waited,
    stolen: share(({ stolenNs }) => stolenNs),
    throttled: share(({ throttledNs }) => throttledNs),
  };
  const isLost = Object.values(lost).some((of) => of >= DISTURBED_SHARE);
  return {
    samples: count,
    ...lost,
    ownCpus,
    ...(knowsOthers && { otherCpus }),
    suspendedNs: total(({ suspendedNs }) => suspendedNs),
    unreliable:
      isCrowded ||
      (isLost && count >= DISTURBED_SAMPLES_SHARE * samples.length) ||
      Object.values(lost).some((of) => of >= LOST_TIME_SHARE),
  };
}

function rise(before: number | undefined, after: number | undefined): number {
  return Math.max(0, (after ?? 0) - (before ?? 0));
}

/** Whole nanoseconds; the CPU time always, the rest where it is not zero. */
function withoutZeros({ cpuNs, ...rest }: Activity): Activity {
  const kept = Object.entries(rest)
    .map(([name, value]) => [name, Math.round(value ?? 0)] as const)
    .filter(([, value]) => value !== 0);
  return { cpuNs: Math.round(cpuNs), ...Object.fromEntries(kept) };
}
