import type { BenchResult, Conditions } from '../result/schema.js';
import { formatBytes } from '../result/units.js';
import type { DeviceRecord } from './devices-document.js';
import { engineOf, KIND_LABELS } from './devices-document.js';
import type { Fact, Facts } from './document.js';

/** The machine and its load in one line. */
export function systemFact({ host, conditions }: BenchResult): Fact {
  const cpus = `${host.logicalCpus} CPU${host.logicalCpus === 1 ? '' : 's'}`;
  const load = conditionsText(conditions.before, conditions.after);
  return { label: 'System', value: `${host.cpu}, ${cpus}, ${host.os}; ${load}` };
}

/** The machine, its conditions, and each device that was used. */
export function machineFacts(
  { host, conditions, rows }: BenchResult,
  used: readonly DeviceRecord[],
): Facts {
  const cores = (host.cores ?? []).map(({ kind, count }) => `${count} ${kind}`).join(' + ');
  const cpus = `${host.logicalCpus} logical CPU${host.logicalCpus === 1 ? '' : 's'}`;
  const known = cores && `${cpus} (${cores})`;
  const memory = `${formatBytes(host.memoryBytes)} memory`;
  const virtual = host.virtualMachine ? [`virtual (${host.virtualMachine})`] : [];
  return {
    kind: 'facts',
    facts: [
      { label: 'host', value: [host.cpu, known || cpus, memory, host.os, ...virtual].join(', ') },
      { label: 'conditions', value: conditionsText(conditions.before, conditions.after) },
      ...used.map((device) => {
        const cpus = rows.find((row) => row.device === device.id && row.pinnedCpus)?.pinnedCpus;
        const pinned = cpus && `; its worker is pinned to CPUs ${cpus}, those near the card`;
        return { label: device.id, value: `${deviceText(device)}${pinned ?? ''}` };
      }),
    ],
  };
}

function deviceText(device: DeviceRecord): string {
  const { name, kind, driver } = device;
  return [name, KIND_LABELS[kind], engineOf(device), driver].filter(Boolean).join(', ');
}

const POWER_LABELS = {
  mains: 'on AC power',
  battery: 'on battery',
  unknown: undefined,
} as const satisfies Record<Conditions['powerSource'], string | undefined>;

function conditionsText(before: Conditions, after: Conditions): string {
  const load =
    before.load1 === undefined
      ? undefined
      : `load ${before.load1.toFixed(1)}${after.load1 === undefined ? '' : `-${after.load1.toFixed(1)}`}`;
  const mhz = after.cpuMhz && `CPU at ${Math.round(after.cpuMhz).toLocaleString('en-US')} MHz`;
  const power = POWER_LABELS[before.powerSource];
  const thermal = after.thermal && `thermal state ${after.thermal}`;
  const known = [load, power, before.powerMode, thermal, mhz].filter(Boolean);
  return known.length > 0 ? known.join(', ') : 'unknown';
}
