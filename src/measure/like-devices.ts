import type { DeviceInfo } from '../result/schema.js';
import { FEWEST_TO_COMPARE, OUTLIER_FLOOR, type RobustScore, robustScores } from './outliers.js';

/** One of several devices of the same kind, with its time for the same work. */
export interface Timed {
  readonly device: DeviceInfo;
  /** Per iteration. */
  readonly ns: number;
}

/** A device that is not as fast as others like it. */
export interface OddDevice extends RobustScore {
  readonly device: DeviceInfo;
  /** How many like devices there are, itself among them. */
  readonly among: number;
}

/** Two like devices that differ: which of them is odd is undecidable. */
export interface UnequalPair {
  readonly slow: DeviceInfo;
  readonly fast: DeviceInfo;
  /** Time of the slow one over that of the fast one, minus 1. */
  readonly change: number;
}

/** GPUs of one backend, name and memory; CPU devices of one machine are never several. */
export function likeDevices(timed: readonly Timed[]): Timed[][] {
  const groups = new Map<string, Timed[]>();
  for (const one of timed) {
    const { kind, backend, name, memoryBytes } = one.device;
    if (kind === 'cpu' || kind === 'software') continue;
    const key = JSON.stringify([backend, name, memoryBytes]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** The odd ones of a group of like devices, by the rule of `fleet`. @param group of `likeDevices` */
export function oddDevices(group: readonly Timed[]): OddDevice[] {
  return robustScores(group.map(({ ns }) => ns))
    .filter(({ outlier }) => outlier)
    .map((score) => ({ ...score, device: group[score.index].device, among: group.length }));
}

/** Two like devices that are further apart than the floor of an outlier; undefined for other groups. */
export function unequalPair(group: readonly Timed[]): UnequalPair | undefined {
  if (group.length >= FEWEST_TO_COMPARE) return undefined;
  const [fast, slow] = [...group].sort((a, b) => a.ns - b.ns);
  const change = slow.ns / fast.ns - 1;
  return change > OUTLIER_FLOOR ? { slow: slow.device, fast: fast.device, change } : undefined;
}
