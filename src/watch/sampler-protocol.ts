import type { MonitorInfo } from '../backends/types.js';

/** What the sampler process and its parent say to each other. */

/** What a sample says of one GPU; each only where it is known. */
export interface DeviceSample {
  /** Share of the last sampling period with work on the device, by all processes, 0 to 1. */
  readonly busy?: number;
  /** The same for the watched processes alone. */
  readonly used?: number;
  /** Where `used` comes from: the driver's count by process, or no other process was there. */
  readonly usedBy?: 'processes' | 'alone';
  /** Whether a watched process is on the device. */
  readonly held?: boolean;
  /** Processes of others on the device. */
  readonly others?: number;
  readonly clockMHz?: number;
  readonly powerW?: number;
  /** Device memory of the watched processes. */
  readonly memoryBytes?: number;
  /** Device memory of all processes. */
  readonly deviceMemoryBytes?: number;
}

/** What a sample says of the watched processes. */
export interface TreeSample {
  readonly processes: number;
  /** CPU time since the processes began; never decreases. */
  readonly cpuNs: number;
  /** Resident memory; what processes share counts in each. */
  readonly memoryBytes: number;
}

export interface Sample {
  /** CLOCK_MONOTONIC, which all processes share. */
  readonly atNs: number;
  /** Missing until a first look at the processes is over. */
  readonly tree?: TreeSample;
  /** In the order of `ready`. */
  readonly devices: readonly DeviceSample[];
}

export type ToSampler =
  | { readonly kind: 'watch'; readonly pid: number }
  | { readonly kind: 'received?'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'stop' };

export type FromSampler =
  | {
      readonly kind: 'ready';
      readonly devices: readonly MonitorInfo[];
      /** Why there are no GPUs to read, or not all. */
      readonly problem?: string;
    }
  | { readonly kind: 'sample'; readonly sample: Sample }
  /** The watched process is there no longer. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'received'; readonly signal: NodeJS.Signals; readonly yes: boolean }
  | { readonly kind: 'stopped'; readonly cpuSeconds: number };

/** Time between two samples. */
export const PERIOD_MS = 100;

/** Signals that are passed on to the command; Ctrl-Z stops the whole group by itself. */
export const PASSED_SIGNALS = [
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
] as const satisfies readonly NodeJS.Signals[];
