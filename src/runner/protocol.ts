import type {
  BackendOptions,
  DeviceId,
  OpPlacement,
  Probe,
  Step,
  StepTime,
} from '../backends/types.js';
import type { ErrorRecord } from '../errors.js';
import type { StartedGroup } from '../frameworks/process-group.js';
import type { OpId, OpKind } from '../graph/types.js';
import type { BlockRequest } from '../measure/types.js';
import type { DType } from '../result/dtypes.js';
import type {
  DeviceInfo,
  ExampleProgram,
  Row,
  Sample,
  Telemetry,
  Verification,
} from '../result/schema.js';
import type { OutputLine, Params } from '../workloads/types.js';
import type { PlacementPolicy } from './planner.js';

/** What a worker can be asked: the method's argument and its answer. */
export interface Methods {
  /** Starts a backend and lists its devices. */
  probe: { request: ProbeRequest; answer: ProbeAnswer };
  /** Compiles a workload on a device, runs it once, and compares it with the reference. */
  prepare: { request: BenchTask; answer: Prepared };
  run: { request: BlockRequest; answer: readonly Sample[] };
  /** What the sensors of the prepared device say; undefined if it has none. */
  telemetry: { request: TelemetryRequest; answer: Telemetry | undefined };
  /** The example of a workload as people write it in the framework of the prepared device. */
  programs: { request: { readonly workload: string }; answer: readonly ExampleProgram[] };
  profile: { request: { readonly iterations: number }; answer: readonly StepTime[] };
}

export type MethodName = keyof Methods;

export interface ProbeRequest {
  readonly backend: string;
  readonly options: BackendOptions;
  /** What is going to run: the answer says which devices have fused kernels for it. */
  readonly problems?: readonly Problem[];
}

/** A workload at given sizes. */
export interface Problem {
  readonly workload: string;
  readonly params: Params;
  readonly dtype: DType;
}

export interface ProbeAnswer {
  /** If no process can open all devices: their names for CUDA_VISIBLE_DEVICES. Nothing was opened then. */
  readonly separate?: readonly string[];
  readonly probe: Probe;
  readonly devices: readonly DeviceInfo[];
  /** For each device, the workloads of `problems` that it has fused kernels for. */
  readonly fused: Readonly<Record<DeviceId, readonly string[]>>;
}

export interface TelemetryRequest {
  /** Process ids of mpsbench's other workers that may hold the same device. */
  readonly siblings: readonly number[];
}

/** One workload on one device. */
export interface BenchTask extends Problem {
  readonly device: DeviceId;
  readonly placement: PlacementPolicy;
  readonly options: BackendOptions;
  /** CPUs near the device, as in `0-31,64-95`, to which the worker is pinned. */
  readonly nearCpus?: string;
  readonly seed: number;
  /** A folder that is there, for the .npy files of everything that the verified run read and wrote. */
  readonly saveTensors?: string;
}

export interface Prepared {
  readonly placement: readonly PlacedOp[];
  /** The device that was opened for the ops which the requested one lacks. */
  readonly fallback?: DeviceInfo;
  readonly steps: readonly Step[];
  readonly verification: Verification;
  readonly output: readonly OutputLine[];
  readonly deviceBytes: number;
  /** What had to be done once before the first result. */
  readonly startup?: Startup;
  /** The CPUs to which the worker was pinned; left out if it runs wherever it may. */
  readonly pinnedCpus?: string;
  /** Products were computed with TF32 factors, and the result was verified as such. */
  readonly tf32: boolean;
}

/** Times of what is done once, in nanoseconds. */
export type Startup = NonNullable<Row['startup']>;

/** One row of the placement table, before anything has been measured. */
export interface PlacedOp {
  readonly op: OpId;
  readonly kind: OpKind;
  readonly dtype: DType;
  readonly requested: DeviceId;
  readonly placed: DeviceId;
  readonly reason?: string;
  readonly kernel: string;
  /** Where the framework that ran it says more than its kernel. */
  readonly evidence?: OpPlacement['evidence'];
  /** Index into `steps`. */
  readonly step: number;
}

export interface RequestMessage {
  readonly id: number;
  readonly method: MethodName;
  readonly request: unknown;
}

export type ReplyMessage =
  | { readonly id: number; readonly state: 'done'; readonly answer: unknown }
  | { readonly id: number; readonly state: 'failed'; readonly error: ErrorRecord }
  /** What the worker is doing now, in a word or two for the progress line. */
  | { readonly id: number; readonly state: 'progress'; readonly phase: string }
  /** The worker has started a process group, which has to end with it. */
  | { readonly state: 'started'; readonly group: StartedGroup };
