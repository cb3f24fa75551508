import type { NumberFormat } from '../graph/precision.js';
import type { DType, Graph, Op, OpId, TensorId } from '../graph/types.js';

/** `backend:index`, for example `webgpu:0`. */
export type DeviceId = string;

/**
 * - `gpu`: a GPU with memory of its own. `integrated`: a GPU that shares the host's memory.
 * - `software`: a GPU interface implemented on the CPU (SwiftShader, llvmpipe).
 */
export type DeviceKind = 'gpu' | 'integrated' | 'software' | 'cpu';

/** The device's own clock, where it has one. */
export interface DeviceClock {
  /** What it is, for example `timestamp-query`. */
  readonly source: string;
  /** Its step in nanoseconds, where it is known or was found from readings. */
  readonly resolutionNs?: number;
}

/** Physical limits of the hardware, with the source of the numbers. */
export interface Peak {
  readonly gbPerS?: number;
  readonly gflops?: Partial<Record<NumberFormat, number>>;
  readonly source: string;
}

export interface DeviceInfo {
  readonly id: DeviceId;
  readonly backend: string;
  readonly name: string;
  readonly kind: DeviceKind;
  readonly vendor?: string;
  /** Driver name and version, where the backend tells. */
  readonly driver?: string;
  /** The interface that reaches it and its version, for example `Vulkan via Dawn`. */
  readonly api?: string;
  readonly memoryBytes?: number;
  /** The largest single allocation or binding, where it is smaller than the memory. */
  readonly maxBufferBytes?: number;
  /** The largest tensor that it computes with, where that is not the largest buffer. */
  readonly maxTensorBytes?: number;
  readonly dtypes: readonly DType[];
  /** CPU: the library that computes, with its version, for example `oneDNN 2.6.3`. */
  readonly engine?: string;
  /** CPU: every engine that this build and machine offer, the preferred one first. */
  readonly engines?: readonly string[];
  readonly threads?: number;
  /** Opened with TF32 products; f32 results have its precision. */
  readonly tf32?: boolean;
  readonly deviceClock?: DeviceClock;
  readonly peak?: Peak;
  /** Further facts for `devices`, in the order in which they are shown. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export type Probe =
  | { readonly state: 'available'; readonly version?: string }
  | { readonly state: 'unavailable'; readonly reason: string; readonly remedy: string };

export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What the engines of the cpu backend are called; `devices` lists those that are there. */
export const CPU_ENGINES = ['onednn', 'cblas', 'reference'] as const;

/**
 * - `best`: the fastest kernels of the device, our own fused patterns included.
 * - `library`: the vendor's libraries with their own epilogues, and unfused general kernels only.
 */
export const KERNEL_LEVELS = ['best', 'library'] as const;
export type KernelLevel = (typeof KERNEL_LEVELS)[number];

/** Choices that a backend takes into account when it opens its devices. */
export interface BackendOptions {
  /** CPU threads; the backend's own default where it is left out. */
  readonly threads?: number;
  /** One of CPU_ENGINES; the best one where it is left out. */
  readonly engine?: string;
  /** Lets f32 products round their factors to TF32 on devices that can. */
  readonly tf32?: boolean;
  /** `best` where it is left out; with `engine`, `library`. */
  readonly kernels?: KernelLevel;
}

/** What a device's sensors say at one moment; each only where they say it. */
export interface Telemetry {
  /** The share of the last sampling period with work on the device, 0 to 1. */
  readonly utilisation?: number;
  readonly clockMHz?: number;
  readonly memoryClockMHz?: number;
  readonly temperatureC?: number;
  readonly powerW?: number;
  /** A counter from an arbitrary start; only differences mean something. */
  readonly energyJ?: number;
  readonly memoryFreeBytes?: number;
  /**
   * Processes that hold the device besides those of mpsbench. Only what is certain: where strangers
   * cannot be told from our own, those that must be strangers, and nothing where there may be none.
   */
  readonly otherProcesses?: number;
  /** Why the clocks are held down at this moment, in words; left out where they are not. */
  readonly throttling?: readonly string[];
}

export interface Backend {
  readonly id: string;
  /** Says whether the backend can start. Never throws. */
  probe(): Promise<Probe>;
  /** Opens the devices. Called only where `probe` said `available`. */
  devices(options: BackendOptions): Promise<Device[]>;
}

export interface Device {
  readonly id: DeviceId;
  readonly info: DeviceInfo;
  /** Whether this device runs this op on tensors of this dtype, and if not, why. */
  supports(op: Op, dtype: DType): Support;
  /**
   * Whether a fused pattern of ours matches part of the graph at level `best`, whatever level the
   * device was opened with: where it does not, the two levels run the same kernels. Costs no
   * compilation. Left out by backends without fused kernels.
   */
  fuses?(graph: Graph): boolean;
  /**
   * Compiles the graph; allocates all that a run needs.
   * @throws MpsbenchError `unsupported`, `out_of_memory` or `device_lost`.
   */
  compile(graph: Graph): Promise<Executable>;
  /**
   * Read between samples, never while a run is timed. Left out by backends without sensors.
   * @param siblings process ids of mpsbench's other workers that may hold the device
   */
  telemetry?(siblings: readonly number[]): Telemetry;
  dispose(): void;
}

/** `latency` waits for the device after every iteration, `throughput` after the last one. */
export type RunMode = 'latency' | 'throughput';

/** One timed group of iterations. Times are totals over the group. */
export interface Sample {
  readonly iterations: number;
  readonly wallNs: number;
  /** By the device's own clock; missing where it has none. */
  readonly deviceNs?: number;
}

/** One launch of an executable: the ops it covers and the kernel or library call that does them. */
export interface Step {
  readonly ops: readonly OpId[];
  /** As the backend names it: a library's implementation name, a kernel's file. */
  readonly kernel: string;
}

/** The time of one step, per iteration. */
export interface StepTime {
  readonly ops: readonly OpId[];
  readonly kernel: string;
  readonly wallNs?: number;
  readonly deviceNs?: number;
}

export type HostArray = Float32Array | Float64Array;

export interface Executable {
  /** In order of execution; every op of the graph stands in exactly one step. */
  readonly steps: readonly Step[];
  /** Device memory that it holds, in bytes. */
  readonly deviceBytes: number;
  /** Fills an input, weight or state tensor, rounding to its dtype. Row-major. */
  write(tensor: TensorId, values: HostArray): void;
  /** Runs the graph and returns after the device has finished. */
  run(iterations: number, mode: RunMode): Promise<Sample>;
  /** The values of an output or state tensor: Float64Array for f64, else Float32Array. */
  read(tensor: TensorId): Promise<HostArray>;
  /** Times each step by itself, the mean over the iterations. Not part of any measurement. */
  profile(iterations: number): Promise<StepTime[]>;
  /** Releases device memory; safe to call twice. */
  dispose(): void;
}
