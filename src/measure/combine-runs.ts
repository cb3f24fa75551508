import { MpsbenchError } from '../errors.js';
import type { DeviceTelemetry, Measurement, Run, Sample, StoppedBy } from '../result/schema.js';
import { disturbanceOf } from './disturbance.js';
import { joinEnergy, railsOf } from './energy.js';
import { warningsOf } from './measurement-warnings.js';
import { devicePerIteration, wallPerIteration } from './series.js';
import { median } from './statistics.js';
import { summarise } from './summary.js';
import type { MeasureOptions, MeasureOutcome, SampledRun } from './types.js';

/** The most welcome first. */
const STOPPED_BY: readonly StoppedBy[] = [
  'precision',
  'noise',
  'samples',
  'time',
  'interrupt',
  'failure',
];

/**
 * One measurement from the runs of one subject. A run that failed or was interrupted decides the
 * state; what was sampled, in that run too, is kept.
 * @param runs at least one, in the order in which they ran
 * @param options of the whole measurement, for judging its precision
 */
export function combineRuns(runs: readonly SampledRun[], options: MeasureOptions): MeasureOutcome {
  const measurement = measurementOf(runs, options);
  const error = runs.find((run) => run.error)?.error;
  if (error === undefined && measurement !== undefined) return { state: 'measured', measurement };
  const { code } = error ?? { code: 'internal' };
  return {
    state: code === 'interrupted' ? 'interrupted' : 'failed',
    error: error ?? new MpsbenchError('internal', 'Nothing was measured.').toJSON(),
    ...(measurement && { measurement }),
  };
}

function measurementOf(
  all: readonly SampledRun[],
  options: MeasureOptions,
): Measurement | undefined {
  const sampled = all.filter(({ samples }) => samples.length > 0);
  const [first] = sampled;
  if (first === undefined) return undefined;
  const samples = sampled.flatMap((run) => run.samples);
  const blocks = sampled.flatMap((run) => run.blocks);
  const lengths = sampled.map((run) => run.samples.length);
  const deviceNs = devicePerIteration(samples);
  const invalidReadings = invalidReadingsOf(samples);
  const telemetry = joinTelemetry(sampled);
  const disturbance = disturbanceOf(samples, first.computesOnCpu ?? false);
  const measurement = {
    iterationsPerSample: first.iterationsPerSample,
    warmup: sampled.flatMap((run) => run.warmup),
    samples,
    blocks,
    runs: sampled.map((run) => runOf(run, deviceNs !== undefined)),
    wall: summarise(samples.map(wallPerIteration), blocks, lengths),
    ...(deviceNs && { device: summarise(deviceNs, blocks, lengths) }),
    ...(telemetry && { telemetry }),
    ...(disturbance && { disturbance }),
    ...(invalidReadings.length > 0 && { invalidReadings }),
    stoppedBy: leastWelcome(sampled),
  };
  const warnings = warningsOf(measurement, {
    options,
    warmUpSettled: sampled.every(({ warmUpSettled }) => warmUpSettled),
    clockStepNs: Math.max(...sampled.map(({ clockStepNs }) => clockStepNs)),
    deviceResolutionNs: first.deviceResolutionNs,
  });
  return { ...measurement, warnings };
}

function runOf({ samples, stoppedBy }: SampledRun, hasDeviceTime: boolean): Run {
  const deviceNs = hasDeviceTime ? devicePerIteration(samples) : undefined;
  return {
    samples: samples.length,
    medianNs: median(samples.map(wallPerIteration)),
    ...(deviceNs && { deviceMedianNs: median(deviceNs) }),
    stoppedBy,
  };
}

/** Each kind of reading that was left out, with the number of samples that had it. */
function invalidReadingsOf(
  samples: readonly Sample[],
): NonNullable<Measurement['invalidReadings']> {
  const counts = new Map<string, number>();
  for (const reading of samples.flatMap(({ invalid = [] }) => invalid)) {
    counts.set(reading, (counts.get(reading) ?? 0) + 1);
  }
  return [...counts].map(([reading, count]) => ({ reading, samples: count }));
}

function leastWelcome(runs: readonly SampledRun[]): StoppedBy {
  const worst = Math.max(...runs.map(({ stoppedBy }) => STOPPED_BY.indexOf(stoppedBy)));
  return STOPPED_BY[worst];
}

/** The readings of all runs on one time line; undefined for a device without sensors. */
function joinTelemetry(runs: readonly SampledRun[]): DeviceTelemetry | undefined {
  const [first] = runs;
  let iterations = 0;
  const shifted = runs.flatMap(({ telemetry, startNs }) => {
    if (!telemetry) return [];
    const offset = iterations;
    const shift = <T extends DeviceTelemetry['before']>(reading: T): T => ({
      ...reading,
      atNs: reading.atNs + startNs - first.startNs,
      iterations: reading.iterations + offset,
    });
    iterations += telemetry.after.iterations;
    const { before, blocks, after, energy, rails } = telemetry;
    return { before: shift(before), blocks: blocks.map(shift), after: shift(after), energy, rails };
  });
  const [start] = shifted;
  const end = shifted.at(-1);
  if (!start || !end) return undefined;
  const energy = joinEnergy(shifted.map((part) => part.energy));
  return {
    before: start.before,
    blocks: shifted.flatMap(({ blocks }) => blocks),
    after: end.after,
    ...(energy && { energy }),
    ...railsOf(
      joinEnergy(shifted.map(({ rails }) => rails?.cpu)),
      joinEnergy(shifted.map(({ rails }) => rails?.memory)),
    ),
  };
}
