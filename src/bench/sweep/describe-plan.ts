import type { Workload } from '../../workloads/types.js';
import { flagOf } from '../defaults.js';
import type { BenchSettings } from '../settings.js';
import type { SweepPlan } from './plan.js';

/** Starting a worker, compiling and verifying one point on one device: small sizes take less. */
const PREPARATION_S = 0.3;

/** What is about to be measured and how long it may take, before it starts. */
export function describePlan(
  { id }: Workload,
  { axes, over, isAutomatic }: SweepPlan,
  {
    points,
    devices,
    settings: { measure, runs },
    leftNs,
  }: { points: number; devices: number; settings: BenchSettings; leftNs: number },
): string {
  const names = axes.map(({ name }) => flagOf(name)).join(' x ');
  const perDeviceS = measure.timeBudgetNs / 1e9 + runs * (measure.warmupNs / 1e9 + PREPARATION_S);
  const seconds = points * devices * perDeviceS;
  const limited = seconds * 1e9 > leftNs;
  const time = limited
    ? `${durationText(seconds)} at full length, limited to ${durationText(leftNs / 1e9)}`
    : `${isAutomatic && over ? 'up to' : 'about'} ${durationText(seconds)}`;
  const each = runs > 1 ? `, ${runs} runs each` : '';
  return `Sweep of ${id} over ${names}: ${count(points, 'point')} on ${count(devices, 'device')}${each}, ${time}.`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

/** `45 s`, `2 min`, `1.5 h`. */
function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
