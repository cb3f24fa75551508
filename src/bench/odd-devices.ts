import { likeDevices, oddDevices, unequalPair } from '../measure/like-devices.js';
import type { DeviceInfo, Row, Warning } from '../result/schema.js';
import { formatLonger, formatPercent } from '../result/units.js';
import { kernelsThatRan, OTHER_KERNELS_ADVICE } from './kernels-that-ran.js';

/**
 * The odd ones among like devices of this machine, for each workload and size, by the rule of `fleet`;
 * with what their sensors said while they were measured.
 */
export function oddDeviceWarnings(
  rows: readonly Row[],
  devices: ReadonlyMap<string, DeviceInfo>,
): Warning[] {
  return [...problemsOf(rows).values()].flatMap((same) => {
    const timed = same.flatMap((row) => {
      const device = devices.get(row.device);
      const ns = (row.measurement?.device ?? row.measurement?.wall)?.median;
      return device && ns !== undefined && row.state === 'measured' ? [{ device, ns, row }] : [];
    });
    return likeDevices(timed).flatMap((group) => {
      const rowOf = (id: string) => same.find(({ device }) => device === id) as Row;
      const pair = unequalPair(group);
      const kernelsOf = (id: string) => kernelsThatRan(rowOf(id).placement);
      if (pair) {
        const [slow, fast] = [pair.slow.id, pair.fast.id];
        const others = kernelsOf(slow) !== kernelsOf(fast);
        return {
          name: 'unequal-devices',
          message: `${slow} ${formatLonger(1 + pair.change, fast)} for ${same[0].workload}, and both are ${pair.slow.name}.${others ? ' They ran different kernels.' : ''}${causes(rowOf(slow))}`,
          advice: others ? OTHER_KERNELS_ADVICE : ADVICE,
        };
      }
      const ran = group.map(({ device }) => kernelsOf(device.id));
      return oddDevices(group).map(({ device, change, among, z }) => {
        const alike = ran.filter((kernels) => kernels === kernelsOf(device.id)).length;
        const others = alike * 2 < among;
        return {
          name: 'odd-device',
          message: `${device.id} is the odd one of ${among} ${device.name} for ${same[0].workload}: ${formatPercent(Math.abs(change))} ${change > 0 ? 'slower' : 'faster'} than their median (robust z score ${z.toFixed(1)}).${others ? ' It ran other kernels than most of them.' : ''}${causes(rowOf(device.id))}`,
          advice: others ? OTHER_KERNELS_ADVICE : ADVICE,
        };
      });
    });
  });
}

const ADVICE =
  'Compare clocks, temperature and power of the cards with --details; look for another program on it, its power limit, and its slot.';

/** Rows that differ in their device only. */
function problemsOf(rows: readonly Row[]): Map<string, Row[]> {
  const problems = new Map<string, Row[]>();
  for (const row of rows) {
    const { workload, params, dtype, kernels, mode, tf32 } = row;
    const key = JSON.stringify([workload, params, dtype, kernels, mode, tf32 ?? false]);
    problems.set(key, [...(problems.get(key) ?? []), row]);
  }
  return problems;
}

/** Likely causes, according to its sensors. */
function causes({ measurement }: Row): string {
  const readings = measurement?.telemetry?.blocks ?? [];
  const throttling = new Set(readings.flatMap(({ throttling = [] }) => throttling));
  const others = Math.max(0, ...readings.map(({ otherProcesses = 0 }) => otherProcesses));
  return [
    throttling.size > 0 ? ` It was held back: ${[...throttling].join(', ')}.` : '',
    others > 0 ? ' Other processes held it, too.' : '',
  ].join('');
}
