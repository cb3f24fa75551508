import type { WatchedDevice, WatchedFramework, WatchVerdict } from '../result/schema.js';
import { formatPercent } from '../result/units.js';
import { gpusOf, hasCounted, titleOf } from './framework-devices.js';

/** Below this share of the time a GPU is barely used. */
export const BARELY = 0.1;
/** The counters of drivers are in percent: less than half of one is none. */
const NOTHING = 0.005;
/** The counters of drivers cover up to a second: in less time, a zero says nothing. */
const SHORTEST_S = 1.5;
/** The longest time that a counter of a driver averages over. */
const WINDOW_S = 1;
/** Drivers take seconds to start: so much of a run may pass before the first reading. */
const MISSED_START = 0.1;

export interface Evidence {
  /** As people call it. */
  readonly name: string;
  readonly seconds: number;
  /** When sensors were first and last read, in seconds since the start. */
  readonly observed: { readonly fromS: number; readonly toS: number };
  readonly devices: readonly WatchedDevice[];
  readonly frameworks: readonly WatchedFramework[];
  /** Why there are no GPUs to read, or not all. */
  readonly problem?: string;
}

/**
 * Whether the GPU was used. Nothing is claimed that was not seen: utilization of a shared GPU counts only where the
 * driver tells whose it is, and no utilization only over a time that the counter can see.
 */
export function verdictOf(evidence: Evidence): WatchVerdict {
  const { devices, seconds } = evidence;
  const attributed = devices.filter(({ scope }) => scope === 'processes' || scope === 'alone');
  const most = highest(attributed);
  const gpus = evidence.frameworks.flatMap(gpusOf);
  if (most && (most.usedShare ?? 0) >= NOTHING) return usedVerdict(evidence, most);
  const isComplete = attributed.length === devices.length && isObserved(evidence);
  if (gpus.length > 0 && most && isComplete) return hardlyVerdict(evidence, most, gpus);
  if (gpus.length > 0) return opsVerdict(evidence, gpus);
  if (most?.held && isObserved(evidence)) return heldVerdict(evidence, most);
  if (countedOnCpu(evidence.frameworks)) return cpuVerdict(evidence);
  if (devices.length === 0) return unchecked(evidence, evidence.problem ?? 'no GPU is visible.');
  if (seconds < SHORTEST_S) {
    return unchecked(evidence, `it ran for ${secondsText(seconds)}, too short for the counters.`);
  }
  if (!isObserved(evidence)) {
    return unchecked(evidence, evidence.problem ?? 'the sensors were not read all the time.');
  }
  if (attributed.length === devices.length) return idleVerdict(evidence, 'cannot be missed');
  const busy = highest(devices);
  if (devices.every(({ busyShare }) => busyShare !== undefined && busyShare < NOTHING)) {
    return idleVerdict(evidence, 'all idle');
  }
  if (busy?.busyShare === undefined) {
    return unchecked(evidence, evidence.problem ?? 'the driver tells no utilization.');
  }
  return unchecked(
    evidence,
    `${busy.id} was busy ${formatPercent(busy.busyShare)} of the time (all processes), and the driver does not tell here whose work that was.`,
  );
}

/** Whether sensors were read long enough, from about its start to its end: else a zero says nothing. */
function isObserved({ seconds, observed: { fromS, toS } }: Evidence): boolean {
  const longestGapS = Math.max(SHORTEST_S, MISSED_START * seconds);
  return toS - fromS >= WINDOW_S && seconds - toS <= SHORTEST_S && fromS <= longestGapS;
}

function usedVerdict(evidence: Evidence, { id, usedShare = 0 }: WatchedDevice): WatchVerdict {
  const { name, seconds } = evidence;
  const state = usedShare >= BARELY ? 'used' : 'barely-used';
  const how = state === 'used' ? 'used the GPU' : 'barely used the GPU';
  const time = `${formatPercent(usedShare)} of ${secondsText(seconds)}`;
  return {
    state,
    device: id,
    share: usedShare,
    evidence: 'utilization',
    message: `${name} ${how} (${id}) for ${time}${withFrameworks(evidence)}.`,
  };
}

/** Its ops ran on a GPU, and kept it busy for less than the counters of these processes show. */
function hardlyVerdict(
  evidence: Evidence,
  { id, usedShare = 0 }: WatchedDevice,
  gpus: readonly string[],
): WatchVerdict {
  const { name, seconds } = evidence;
  const where = [...new Set(gpus)].join(', ');
  return {
    state: 'barely-used',
    device: id,
    share: usedShare,
    evidence: 'utilization',
    message: `${name} barely used the GPU: its ops ran on ${where}, and ${id} was busy for less than ${formatPercent(NOTHING)} of ${secondsText(seconds)}${withFrameworks(evidence)}.`,
  };
}

/** A framework ran ops on a GPU, and no counter of these processes says for how long. */
function opsVerdict(evidence: Evidence, gpus: readonly string[]): WatchVerdict {
  const { name, devices, seconds } = evidence;
  const busy = highest(devices.filter(({ scope }) => scope === 'device'));
  const barely = busy?.busyShare !== undefined && busy.busyShare < BARELY && seconds >= SHORTEST_S;
  const where = [...new Set(gpus)].join(', ');
  const share =
    busy?.busyShare === undefined
      ? 'for how long is not known'
      : `${busy.id} was busy ${formatPercent(busy.busyShare)} of ${secondsText(seconds)} (all processes)`;
  return {
    state: barely ? 'barely-used' : 'used',
    ...(busy && { device: busy.id }),
    evidence: 'ops',
    message: `${name} ${barely ? 'barely used' : 'used'} the GPU: ops ran on ${where}${withFrameworks(evidence)}; ${share}.`,
  };
}

/** It is on the device, and did nothing there that the counter saw. */
function heldVerdict(evidence: Evidence, { id, usedShare = 0 }: WatchedDevice): WatchVerdict {
  const { name, seconds } = evidence;
  return {
    state: 'barely-used',
    device: id,
    share: usedShare,
    evidence: 'utilization',
    message: `${name} barely used the GPU: it opened ${id} and ran next to nothing there in ${secondsText(seconds)}${withFrameworks(evidence)}.`,
  };
}

function cpuVerdict({ name, frameworks }: Evidence): WatchVerdict {
  const titles = frameworks.map(titleOf).join(', ');
  return {
    state: 'not-used',
    evidence: 'ops',
    message: `${name} did not use a GPU: every op that was counted ran on the CPU (${titles}).`,
  };
}

function idleVerdict(evidence: Evidence, why: 'cannot be missed' | 'all idle'): WatchVerdict {
  const { name, devices, seconds } = evidence;
  const ids = devices.map(({ id }) => id).join(', ');
  const idle = why === 'all idle' ? ', which was idle' : '';
  return {
    state: 'not-used',
    share: 0,
    evidence: 'utilization',
    message: `${name} did not use the GPU (${ids})${devices.length === 1 ? idle : ''} in ${secondsText(seconds)}${withFrameworks(evidence)}.`,
  };
}

function unchecked({ name }: Evidence, why: string): WatchVerdict {
  return {
    state: 'not-checked',
    evidence: 'none',
    message: `Whether ${name} used the GPU was not checked: ${why}`,
  };
}

/** Everything that was counted, in every framework, ran on the CPU. */
function countedOnCpu(frameworks: readonly WatchedFramework[]): boolean {
  return frameworks.some(hasCounted) && frameworks.every((one) => gpusOf(one).length === 0);
}

function withFrameworks({ frameworks }: Evidence): string {
  return frameworks.length === 0 ? '' : `; ${frameworks.map(titleOf).join(', ')}`;
}

function highest(devices: readonly WatchedDevice[]): WatchedDevice | undefined {
  const share = ({ usedShare = -1 }: WatchedDevice) => usedShare;
  return [...devices].sort((a, b) => share(b) - share(a))[0];
}

/** `42.3 s`, `3 min 20 s`, `2 h 5 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 99.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** What was required against what was seen; a share that is not known may still be bounded by all processes'. */
export function requirementOf(
  share: number,
  { state, share: seen }: WatchVerdict,
  devices: readonly WatchedDevice[],
): { share: number; state: 'met' | 'missed' | 'unchecked' } {
  if (seen !== undefined) return { share, state: seen >= share ? 'met' : 'missed' };
  if (state === 'not-used') return { share, state: 'missed' };
  const busiest = highest(devices)?.busyShare;
  const isBelow =
    devices.length > 0 &&
    devices.every(({ busyShare }) => busyShare !== undefined) &&
    busiest !== undefined &&
    busiest < share;
  return { share, state: isBelow && state !== 'not-checked' ? 'missed' : 'unchecked' };
}
