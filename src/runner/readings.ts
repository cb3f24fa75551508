/**
 * What a backend reads from clocks and sensors is checked here, once, before it enters any statistics:
 * drivers were seen to answer zero, infinity, negative times and text.
 */
import { MpsbenchError } from '../errors.js';
import type { Sample, Telemetry } from '../result/schema.js';
import { formatNs } from '../result/units.js';

/** What a backend says, before anyone believes it. */
type Unchecked<T> = { readonly [K in keyof T]?: unknown };

export interface SampleFacts {
  /** Names the device in messages. */
  readonly device: string;
  readonly iterations: number;
  /** How long the call took, by our own clock. */
  readonly elapsedNs: number;
  /** The smallest step of the device's clock, where it is known. */
  readonly resolutionNs?: number | undefined;
}

/** A wall clock that does not move during a call this long is stuck. */
const VISIBLE_NS = 1e7;
/** Clocks of host and device run at slightly different speeds. */
const CLOCK_RATIO = 1.02;
/** Where the step of a device's clock is not known: that of a slow one. */
const USUAL_STEP_NS = 1e3;
/** A time has to be this many steps long to say anything. */
const LEAST_STEPS = 10;

/**
 * A sample with what is valid of it. A device time that cannot be is left out and named in `invalid`; one
 * that the steps of the device's clock are too coarse for is left out.
 * @throws MpsbenchError `implausible` without a valid wall time: nothing is left then
 */
export function checkedSample(raw: Unchecked<Sample>, facts: SampleFacts): Sample {
  const { device, iterations, elapsedNs } = facts;
  const { wallNs, deviceNs } = raw;
  const wallFault = timeFault(wallNs);
  if (wallFault !== undefined) throw noTime(`${device} reported a wall time of ${wallFault}.`);
  const wall = wallNs as number;
  if (wall === 0 && elapsedNs >= VISIBLE_NS) {
    throw noTime(`${device} reported a wall time of 0 for ${formatNs(elapsedNs)} of work.`);
  }
  const sample = { iterations, wallNs: wall };
  if (deviceNs === undefined) return sample;
  const fault = deviceFault(deviceNs, wall, facts);
  if (fault === 'coarse') return sample;
  if (fault !== undefined) return { ...sample, invalid: [`device time: ${fault}`] };
  return { ...sample, deviceNs: deviceNs as number };
}

function noTime(message: string): MpsbenchError {
  return new MpsbenchError(
    'implausible',
    message,
    'Update the driver, and trust no time of this device until then; please report it.',
  );
}

/** What is wrong with a time, in a word or two. */
function timeFault(time: unknown): string | undefined {
  if (typeof time !== 'number') return `type ${typeof time}`;
  if (Number.isNaN(time)) return 'NaN';
  if (!Number.isFinite(time)) return 'infinity';
  return time < 0 ? 'less than zero' : undefined;
}

function deviceFault(
  deviceNs: unknown,
  wallNs: number,
  { iterations, resolutionNs = USUAL_STEP_NS }: SampleFacts,
): string | undefined {
  const fault = timeFault(deviceNs);
  if (fault !== undefined) return fault;
  if (wallNs < LEAST_STEPS * resolutionNs) return 'coarse';
  // Iterations that are timed one by one may each be shorter than a step.
  if (deviceNs === 0) return wallNs / iterations < resolutionNs ? 'coarse' : 'zero';
  const longest = CLOCK_RATIO * wallNs + 2 * resolutionNs;
  return (deviceNs as number) > longest ? 'longer than the wall time' : undefined;
}

type Range = readonly [low: number, high: number];

/** What a sensor can say; beyond that, it is broken or was misread. */
const SENSOR_RANGES: Readonly<Record<Exclude<keyof Telemetry, 'throttling' | 'invalid'>, Range>> = {
  utilisation: [0, 1],
  clockMHz: [0, 1e5],
  memoryClockMHz: [0, 1e5],
  temperatureC: [-60, 250],
  powerW: [0, 1e5],
  energyJ: [0, 1e15],
  energyPeriodS: [0, 3600],
  cpuEnergyJ: [0, 1e15],
  memoryEnergyJ: [0, 1e15],
  railPeriodS: [0, 1e6],
  memoryFreeBytes: [0, 2 ** 60],
  otherProcesses: [0, 1e6],
};

/** More reasons than any device has. */
const MOST_REASONS = 64;

/** The readings of the sensors that are valid; the names of the others are in `invalid`. */
export function checkedTelemetry(raw: unknown): Telemetry | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const readings = raw as Unchecked<Telemetry>;
  const valid: Record<string, unknown> = {};
  const invalid: string[] = [];
  for (const [name, [low, high]] of Object.entries(SENSOR_RANGES)) {
    const value = readings[name as keyof Telemetry];
    if (value === undefined || value === null) continue;
    if (typeof value === 'number' && value >= low && value <= high) valid[name] = value;
    else invalid.push(name);
  }
  const { throttling } = readings;
  if (Array.isArray(throttling) && throttling.every((reason) => typeof reason === 'string')) {
    valid.throttling = throttling.slice(0, MOST_REASONS);
  } else if (throttling !== undefined && throttling !== null) invalid.push('throttling');
  if (Object.keys(valid).length === 0 && invalid.length === 0) return undefined;
  return { ...valid, ...(invalid.length > 0 && { invalid }) };
}

/** A number that counts or measures something; undefined for anything else. */
export function positiveOrNothing(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
