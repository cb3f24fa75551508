import { availableParallelism } from 'node:os';
import type { Entry } from '../host/concurrent-runs.js';
import { loadWarning } from '../host/index.js';
import type { DeviceInfo, Host, Row, Warning } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';
import type { Selection } from './select-devices.js';
import type { BenchSettings } from './settings.js';

/** Doubts that come from the choice of devices. */
export function selectionWarnings(
  compareCpu: boolean,
  { devices, baseline }: Selection,
  { backends }: Discovery,
): Warning[] {
  const warnings: Warning[] = devices
    .filter(({ kind }) => kind === 'software')
    .map(({ id, name }) => ({
      name: 'software-gpu',
      message: `${id} (${name}) is a software GPU: it runs on the CPU, and its speedup says nothing about a real GPU.`,
      advice: 'Use --device gpu to require a hardware GPU.',
    }));
  warnings.push(...devices.flatMap((device) => threadWarning(device) ?? []));
  if (compareCpu && !baseline && !devices.every(({ kind }) => kind === 'cpu')) {
    const cpu = backends.find(({ id }) => id === 'cpu');
    warnings.push({
      name: 'no-baseline',
      message: `There is no CPU device to compare with${cpu?.reason ? `: ${cpu.reason}` : '.'}`,
      advice: cpu?.remedy ?? '',
    });
  }
  return warnings;
}

/** Of the command line of another process. */
const LONGEST_COMMAND = 60;

/** Other measurements of mpsbench on the same hardware at the same time. */
export function concurrentWarnings(others: readonly Pick<Entry, 'pid' | 'command'>[]): Warning[] {
  if (others.length === 0) return [];
  const [{ pid, command }, ...more] = others;
  const brief =
    command.length > LONGEST_COMMAND ? `${command.slice(0, LONGEST_COMMAND)} ...` : command;
  const also = more.length > 0 ? `, and ${more.length} more` : '';
  return [
    {
      name: 'concurrent-run',
      message: `Another mpsbench was measuring on the same hardware at the same time: ${brief} (process ${pid})${also}.`,
      advice: 'Measure one after the other: --wait waits for the other to end.',
    },
  ];
}

/** What a measurement keeps busy: GPUs by their number, whatever reaches them, and the CPU. */
export function resourcesOf(devices: readonly Pick<DeviceInfo, 'id' | 'kind'>[]): string[] {
  const resources = devices.map(({ id, kind }) => {
    if (kind === 'cpu' || kind === 'software') return 'cpu';
    return `gpu-${/(\d+)$/.exec(id)?.[1] ?? 0}`;
  });
  return [...new Set(resources)];
}

/** Other programs that kept CPUs busy while samples were taken: the mean over all rows. */
export function otherLoadWarnings(
  host: Pick<Host, 'logicalCpus'>,
  rows: readonly Pick<Row, 'measurement'>[],
): Warning[] {
  const known = rows.flatMap(({ measurement }) => {
    const otherCpus = measurement?.disturbance?.otherCpus;
    const ns = (measurement?.samples ?? []).reduce((sum, { wallNs }) => sum + wallNs, 0);
    return otherCpus === undefined || !(ns > 0) ? [] : [{ otherCpus, ns }];
  });
  const totalNs = known.reduce((sum, { ns }) => sum + ns, 0);
  const busyNs = known.reduce((sum, { otherCpus, ns }) => sum + otherCpus * ns, 0);
  return totalNs > 0 ? [loadWarning(host, busyNs / totalNs) ?? []].flat() : [];
}

/** More threads than the CPUs that this process may use; its CPU mask counts. */
export function threadWarning(
  { id, threads }: Pick<DeviceInfo, 'id' | 'threads'>,
  cpus = availableParallelism(),
): Warning | undefined {
  if (threads === undefined || threads <= cpus) return undefined;
  return {
    name: 'too-many-threads',
    message: `${id} runs ${threads} threads on ${cpus === 1 ? '1 CPU' : `${cpus} CPUs`}: they wait for each other.`,
    advice: `Use --threads ${cpus} or fewer, or allow more CPUs (taskset, container limits).`,
  };
}

/** What --tf32 changed, and where it changed nothing. The CPU that others are compared with is strict. */
export function tf32Warnings(
  { tf32, dtype }: Pick<BenchSettings, 'tf32' | 'dtype'>,
  devices: readonly DeviceInfo[],
  rows: readonly Row[],
): Warning[] {
  if (!tf32) return [];
  if (dtype !== 'f32') {
    return [
      {
        name: 'tf32-unused',
        message: `--tf32 applies only to f32; this run uses ${dtype}.`,
        advice: 'Leave out one of the two flags.',
      },
    ];
  }
  const strict = devices.filter((device) => !device.tf32);
  const warnings = strict
    .filter(({ kind }) => kind !== 'cpu' || strict.length === devices.length)
    .map(({ id }) => ({
      name: 'tf32-unused',
      message: `${id} does not compute with TF32: its rows are strict f32.`,
      advice: 'TF32 needs an NVIDIA GPU, Ampere or newer: use --device cuda:0.',
    }));
  const rounded = rows.find((row) => row.tf32 && row.speedup);
  if (rounded?.speedup) {
    warnings.push({
      name: 'tf32',
      message: `The products of ${rounded.device} have TF32 factors (11 significant bits), those of ${rounded.speedup.over} strict f32: the speedup is not one at equal precision.`,
      advice: 'Leave --tf32 out to compare strict f32 with strict f32.',
    });
  }
  return warnings;
}

/** Ops that ran elsewhere than asked: the time is not that of the device alone. */
export function fallbackWarnings(rows: readonly Row[]): Warning[] {
  return rows.flatMap(({ workload, device, placement }) => {
    const moved = placement.filter(({ requested, placed }) => requested !== placed);
    if (moved.length === 0) return [];
    const reasons = [...new Set(moved.map(({ reason }) => reason))].join('; ');
    const whose =
      moved.length === placement.length
        ? `the time is that of ${moved[0].placed}, and no speedup is reported`
        : 'the time includes theirs and that of moving tensors';
    return {
      name: 'fallback',
      message: `${workload} on ${device}: ${moved.length} of ${placement.length} ops ran on ${moved[0].placed} (${reasons}), so ${whose}.`,
      advice: 'Use another --dtype, or --placement strict to make a fallback an error.',
    };
  });
}
