import type { Interpreter } from '../frameworks/interpreters.js';
import type { Graph, HostArray, Op, OpId, TensorId } from '../graph/types.js';
import type { DType } from '../result/dtypes.js';
import type {
  DeviceInfo,
  ExampleProgram,
  KernelLevel,
  PlacementRow,
  RunMode,
  Sample,
  Telemetry,
} from '../result/schema.js';

/** `backend:index`, for example `webgpu:0`. */
export type DeviceId = string;

export type Probe =
  | { readonly state: 'available'; readonly version?: string }
  | {
      readonly state: 'unavailable';
      readonly reason: string;
      readonly remedy: string;
      readonly rule?: string;
    };

export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What the engines of the cpu backend are called; `devices` lists those that are there. */
export const CPU_ENGINES = ['onednn', 'cblas', 'reference'] as const;

/** Choices that a backend respects when it opens its devices. */
export interface BackendOptions {
  /** CPU threads; the backend's own default where it is left out. */
  readonly threads?: number;
  /** One of CPU_ENGINES; the best one where it is left out. */
  readonly engine?: string;
  /** Lets f32 products round their factors to TF32 on devices that can. */
  readonly tf32?: boolean;
  /** `best` if it is left out; with `engine`, `library`. */
  readonly kernels?: KernelLevel;
  /** What the first device is numbered in a process that was made to see that one only; else 0. */
  readonly firstIndex?: number;
  /** The frameworks that may be started, each a backend; none if left out. */
  readonly interpreters?: readonly Interpreter[];
}

export interface Backend {
  readonly id: string;
  /**
   * If one process cannot open all devices: their names, as in CUDA_VISIBLE_DEVICES, for a
   * process each. Empty or left out elsewhere. Asked before `probe`. Never throws.
   */
  separateDevices?(): readonly string[];
  /** Says whether the backend can start. Never throws. */
  /** @param options as `devices` gets them: what starts here may be settled by them */
  probe(options?: BackendOptions): Promise<Probe>;
  /** Opens the devices. Called only where `probe` said `available`. */
  devices(options: BackendOptions): Promise<Device[]>;
  /**
   * The sensors of its GPUs, without opening a device: no context is made, nothing is held awake. Left out by
   * backends without sensors.
   * @throws MpsbenchError `unavailable`
   */
  monitors?(): Promise<Monitor[]>;
}

/** A GPU as it is seen from outside. */
export interface MonitorInfo {
  readonly id: DeviceId;
  readonly name: string;
  readonly uuid?: string;
  readonly memoryBytes?: number;
  /** Programs that start here do not see it, unless they change CUDA_VISIBLE_DEVICES. */
  readonly isHidden?: boolean;
}

/** What a GPU's sensors say at one moment; each only if they say it. */
export interface MonitorReading {
  /** Share of the last sampling period with work on the device, by all processes, 0 to 1. */
  readonly utilisation?: number;
  readonly clockMHz?: number;
  readonly powerW?: number;
  /** Device memory in use by all processes. */
  readonly memoryUsedBytes?: number;
  /** The processes on the device, by the ids that the driver knows; missing if it lists none to us. */
  readonly processes?: readonly {
    readonly pid: number;
    readonly memoryBytes?: number;
    /** Share of the last sampling period, 0 to 1; missing if the driver does not count by process. */
    readonly utilisation?: number;
  }[];
}

/** Reads a GPU's sensors, some times per second and for hours. */
export interface Monitor {
  readonly info: MonitorInfo;
  /** Never throws. */
  read(): MonitorReading;
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
   * Runs the example of a workload as people write it in this framework. Left out elsewhere.
   * @throws MpsbenchError what the framework failed with
   */
  programs?(workload: string): Promise<ExampleProgram[]>;
  /**
   * Read between samples, never while a run is timed. Left out by backends without sensors.
   * @param siblings process ids of mpsbench's other workers that may hold the device
   */
  telemetry?(siblings: readonly number[]): Telemetry;
  dispose(): void;
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

/** Where an op ran by the word of the framework that ran it. */
export interface OpPlacement {
  readonly op: OpId;
  readonly placed: DeviceId;
  readonly kernel: string;
  readonly evidence: PlacementRow['evidence'];
  /** Of a fallback. */
  readonly reason?: string;
}

export interface Executable {
  /** In order of execution; every op of the graph is in exactly one step. */
  readonly steps: readonly Step[];
  /** Device memory that it holds, in bytes. */
  readonly deviceBytes: number;
  /** Fills an input, weight or state tensor, rounding to its dtype. Row-major. */
  write(tensor: TensorId, values: HostArray): void;
  /** Runs the graph and returns after the device has finished. */
  run(iterations: number, mode: RunMode): Promise<Sample>;
  /** The values of an output or state tensor: Float64Array for f64, else Float32Array. */
  read(tensor: TensorId): Promise<HostArray>;
  /**
   * Time of the first call where `compile` made it, on zeros in every tensor, as for frameworks that compile lazily.
   */
  readonly firstCallNs?: number;
  /** What starting the steps of one iteration costs by itself, where the backend has measured it. */
  readonly dispatchNs?: number;
  /** Where each op ran, asked after a run. Left out where `steps` say all there is. */
  placement?(): Promise<OpPlacement[]>;
  /** Times each step separately, as the mean over the iterations. Not part of any measurement. */
  profile(iterations: number): Promise<StepTime[]>;
  /** Releases device memory; safe to call twice. */
  dispose(): void;
}
