import { isCpuDevice } from '../result/framework-devices.js';
import type { WatchedFramework, WatchRecord } from '../result/schema.js';
import { formatPercent } from '../result/units.js';

/** Ops that are named; --details lists the rest. */
const NAMED_OPS = 3;
/** Below this share of the time, waiting is not worth a sentence. */
const WORTH_SAYING = 0.02;

/** What the verdict is made of, a sentence each: ops on the CPU, waiting for data. */
export function watchSentences({ frameworks, hook, watched, verdict }: WatchRecord): string[] {
  const said = frameworks.flatMap((own) => [...opsSentence(own), ...waitSentence(own)]);
  if (hook.state === 'not-loaded' && verdict.state !== 'not-checked' && !watched.attached) {
    return ['Ops were not counted: no Python process with a known framework reported.'];
  }
  return said;
}

/**
 * `3 of 41 kinds of ops ran on the CPU: aten::nonzero (812 calls, 23 % of the time), ...`; the time is that during which ops were
 * counted, because ops of a GPU have no times of their own.
 */
function opsSentence(own: WatchedFramework): string[] {
  const { ops, devices, countedNs } = own;
  if (ops.length === 0) return [];
  const kinds = new Set(ops.map(({ op }) => op)).size;
  const onCpu = ops.filter(({ device }) => isCpuDevice(device));
  const cpuKinds = [...new Set(onCpu.map(({ op }) => op))];
  const when = whenCounted(own);
  if (cpuKinds.length === 0) {
    return [`All ${kinds} kinds of ops ran on the GPU${when}.`];
  }
  if (devices.every(isCpuDevice)) return [`All ${kinds} kinds of ops ran on the CPU${when}.`];
  const named = cpuKinds.slice(0, NAMED_OPS).map((name) => {
    const own = onCpu.filter(({ op }) => op === name);
    const calls = own.reduce((sum, { calls }) => sum + calls, 0);
    const ns = own.reduce((sum, { timeNs }) => sum + (timeNs ?? 0), 0);
    const time = ns > 0 && ns <= countedNs ? `, ${formatPercent(ns / countedNs)} of the time` : '';
    return `${name} (${calls.toLocaleString('en-US')} ${calls === 1 ? 'call' : 'calls'}${time})`;
  });
  const rest = cpuKinds.length > NAMED_OPS ? ', ...' : '';
  return [
    `${cpuKinds.length} of ${kinds} kinds of ops ran on the CPU${when}: ${named.join(', ')}${rest}.`,
  ];
}

/** Ops are counted in some steps only where counting all would slow the program down. */
function whenCounted({ counted, steps, countedSteps }: WatchedFramework): string {
  if (steps > 0 && countedSteps >= steps) return '';
  if (counted === 'first-steps') return ' in the first steps';
  if (countedSteps === 0) return '';
  const text = (count: number) => count.toLocaleString('en-US');
  return ` in the ${text(countedSteps)} of ${text(steps)} steps that were counted`;
}

function waitSentence({ waits, wallNs, devices }: WatchedFramework): string[] {
  const [longest] = waits;
  const ns = waits.reduce((sum, { timeNs }) => sum + timeNs, 0);
  const share = wallNs > 0 ? Math.min(1, ns / wallNs) : 0;
  if (longest === undefined || share < WORTH_SAYING) return [];
  const who = devices.every(isCpuDevice)
    ? 'The program waited for data'
    : 'The GPU waited for the CPU';
  const detail = [longest.what, longest.detail].filter(Boolean).join(', ');
  return [`${who} ${formatPercent(share)} of the time: data loading (${detail}).`];
}
