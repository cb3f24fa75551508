import { readlinkSync } from 'node:fs';
import type { Monitor, MonitorReading } from '../backends/types.js';
import type { DeviceSample } from './sampler-protocol.js';

/** Reads one GPU, and tells the watched processes from all others where the driver lets it. */
export class DeviceReader {
  readonly #monitor: Monitor;
  #pidsAreOurs: boolean;

  /** @param pidsAreOurs whether the driver's process ids mean the same here */
  constructor(monitor: Monitor, pidsAreOurs = isInitialNamespace()) {
    this.#monitor = monitor;
    this.#pidsAreOurs = pidsAreOurs;
  }

  read(watched: ReadonlySet<number>): DeviceSample {
    const reading = this.#monitor.read();
    // A driver that lists one of them under its number here speaks of this namespace.
    this.#pidsAreOurs ||= (reading.processes ?? []).some(({ pid }) => watched.has(pid));
    return deviceSample(reading, watched, this.#pidsAreOurs);
  }
}

/** What a reading says of the watched processes. */
export function deviceSample(
  { utilisation, clockMHz, powerW, memoryUsedBytes, processes }: MonitorReading,
  watched: ReadonlySet<number>,
  pidsAreOurs: boolean,
): DeviceSample {
  return {
    ...(utilisation !== undefined && { busy: utilisation }),
    ...(clockMHz !== undefined && { clockMHz }),
    ...(powerW !== undefined && { powerW }),
    ...(memoryUsedBytes !== undefined && { deviceMemoryBytes: memoryUsedBytes }),
    ...(processes && pidsAreOurs && sharesOf(processes, watched, utilisation)),
  };
}

function sharesOf(
  processes: NonNullable<MonitorReading['processes']>,
  watched: ReadonlySet<number>,
  busy: number | undefined,
): DeviceSample {
  const own = processes.filter(({ pid }) => watched.has(pid));
  const others = processes.length - own.length;
  const memory = own.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const times = own.flatMap(({ utilisation }) => utilisation ?? []);
  return {
    held: own.length > 0,
    others,
    ...(memory.length === own.length && { memoryBytes: sum(memory) }),
    ...(own.length === 0
      ? ({ used: 0, usedBy: 'processes' } as const)
      : others === 0 && busy !== undefined
        ? ({ used: busy, usedBy: 'alone' } as const)
        : times.length === own.length && {
            used: Math.min(1, sum(times)),
            usedBy: 'processes' as const,
          }),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** PROC_PID_INIT_INO of the kernel: process ids of the host, as its drivers see them. */
const INITIAL_NAMESPACE = 'pid:[4026531836]';

function isInitialNamespace(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync('/proc/self/ns/pid') === INITIAL_NAMESPACE;
  } catch {
    return false;
  }
}
