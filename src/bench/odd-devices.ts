import { likeDevices, oddDevices, unequalPair } from '../measure/like-devices.js';
import type { DeviceInfo, Row, Warning } from '../result/schema.js';
import { formatPercent } from '../result/units.js';

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
      if (pair) {
        return {
          name: 'unequal-devices',
          message: `${pair.slow.id} takes ${formatPercent(pair.change)} longer than ${pair.fast.id} for ${same[0].workload}, and both are ${pair.slow.name}.${causes(rowOf(pair.slow.id))}`,
          advice: ADVICE,
        };
      }
      return oddDevices(group).map(({ device, change, among, z }) => ({
        name: 'odd-device',
        message: `${device.id} is the odd one of ${among} ${device.name} for ${same[0].workload}: ${formatPercent(Math.abs(change))} ${change > 0 ? 'slower' : 'faster'} than their median (robust z score ${z.toFixed(1)}).${causes(rowOf(device.id))}`,
        advice: ADVICE,
      }));
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
