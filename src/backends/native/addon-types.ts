import type { Graph, HostArray, Op } from '../../graph/types.js';
import type { DType } from '../../result/dtypes.js';
import type { DeviceInfo, KernelLevel, RunMode, Telemetry } from '../../result/schema.js';
import type { MonitorInfo, MonitorReading, Step } from '../types.js';

/**
 * The whole surface of the native addon. Every function may throw an Error with `code` (one of
 * ErrorCode), `message` and `advice`.
 */
export interface Addon {
  /** Raised whenever this surface changes, so that a stale build is recognised. */
  readonly abi: number;
  /** Every backend that this build contains, in the order of CMake's list. */
  backends(): string[];
  /** Says whether one of them can start, and touches no other: starting a driver takes time. */
  probe(backend: string): NativeProbe;
  /**
   * If one process cannot open all devices of a backend (MIG): their names, as in
   * CUDA_VISIBLE_DEVICES, for a process each. Else empty. Asked before `probe`, and starts no driver.
   */
  separateDevices(backend: string): string[];
  /**
   * Keeps this thread, and those that it starts from now on, on those of these CPUs that it may use.
   * Returns where it runs now; nothing if nothing changed.
   */
  keepOnCpus(cpus: readonly number[]): number[];
  /** Opens the devices of a backend that is available. */
  devices(backend: string, options: NativeOptions): NativeDevice[];
  /** The sensors of a backend's GPUs, without opening a device. */
  monitors(backend: string): NativeMonitor[];
}

/** A GPU's sensors; `info` is without its id. */
export interface NativeMonitor {
  readonly info: Omit<MonitorInfo, 'id'> & { readonly index: number };
  read(): MonitorReading;
}

export type NativeProbe =
  | { available: true; version: string }
  | { available: false; reason: string; remedy: string };

export interface NativeOptions {
  threads?: number;
  engine?: string;
  tf32?: boolean;
  kernels?: KernelLevel;
  /** CPUs that the control groups allow, for the default number of threads. */
  cpuQuota?: number;
}

/** What the addon says of a device; with its id, a DeviceInfo. */
export type NativeDeviceInfo = Omit<DeviceInfo, 'id' | 'backend'> & { readonly index: number };

export interface NativeDevice {
  readonly info: NativeDeviceInfo;
  /** null if the op is supported at this dtype, else the reason. */
  supports(op: Op, dtype: DType): string | null;
  fuses(graph: Graph): boolean;
  compile(graph: Graph): NativeExecutable;
  telemetry(siblings: readonly number[]): Telemetry;
  dispose(): void;
}

/** Synchronous: a worker process holds it, so nothing else waits for it. */
export interface NativeExecutable {
  readonly steps: Step[];
  readonly deviceBytes: number;
  write(tensor: string, values: HostArray): void;
  run(iterations: number, mode: RunMode): { wallNs: number; deviceNs?: number };
  read(tensor: string): HostArray;
  /** One entry per step, in the order of `steps`; times per iteration. */
  profile(iterations: number): { wallNs?: number; deviceNs?: number }[];
  dispose(): void;
}
