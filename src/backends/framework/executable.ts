import { MpsbenchError } from '../../errors.js';
import type { DriverProcess } from '../../frameworks/driver-process.js';
import {
  type BuildReply,
  EVIDENCE,
  nothing,
  profileReply,
  runReply,
  traceReply,
} from '../../frameworks/replies.js';
import { graphBytes } from '../../graph/shapes.js';
import type { Graph, HostArray, TensorId } from '../../graph/types.js';
import type { DeviceInfo, RunMode, Sample } from '../../result/schema.js';
import type { Executable, OpPlacement, Step, StepTime } from '../types.js';

/** A graph that a driver built of its framework's own ops. */
export class FrameworkExecutable implements Executable {
  readonly steps: readonly Step[];
  readonly deviceBytes: number;
  readonly firstCallNs: number | undefined;
  readonly dispatchNs: number | undefined;
  readonly #device: DeviceInfo;
  readonly #graph: Graph;
  readonly #driver: DriverProcess;

  constructor(device: DeviceInfo, graph: Graph, driver: DriverProcess, built: BuildReply) {
    this.#device = device;
    this.#graph = graph;
    this.#driver = driver;
    this.steps = built.steps;
    this.deviceBytes = built.deviceBytes ?? graphBytes(graph);
    this.firstCallNs = built.firstCallNs ?? undefined;
    this.dispatchNs = built.dispatchNs ?? undefined;
    requireEveryOp(graph, this.steps);
  }

  write(tensor: TensorId, values: HostArray): void {
    this.#driver.write(tensor, values);
  }

  async run(iterations: number, mode: RunMode): Promise<Sample> {
    const { wallNs, deviceNs } = await this.#driver.call('run', { iterations, mode }, runReply);
    return { iterations, wallNs, ...(deviceNs != null && { deviceNs }) };
  }

  read(tensor: TensorId): Promise<HostArray> {
    const dtype = this.#graph.tensors.find(({ id }) => id === tensor)?.dtype ?? 'f32';
    return this.#driver.read(tensor, dtype, nothing);
  }

  /** The framework's own word on where each op ran: `pytorch:cpu` for one that `pytorch:mps` gave away. */
  async placement(): Promise<OpPlacement[]> {
    const { ops } = await this.#driver.call('trace', {}, traceReply);
    const { id, backend } = this.#device;
    const own = /^[^:]+:([a-z0-9]+)/.exec(id)?.[1];
    return ops.map(({ op, placed, kernel, evidence, reason }) => ({
      op,
      placed: placed === own ? id : `${backend}:${placed}`,
      kernel,
      evidence: EVIDENCE[evidence],
      ...(reason && { reason }),
    }));
  }

  async profile(iterations: number): Promise<StepTime[]> {
    const times = await this.#driver.call('profile', { iterations }, profileReply);
    return times.map(({ deviceNs, ...time }) => ({
      ...time,
      ...(deviceNs != null && { deviceNs }),
    }));
  }

  /** The driver holds one graph at a time: the next `build` replaces it. */
  dispose(): void {}
}

function requireEveryOp({ ops }: Graph, steps: readonly Step[]): void {
  const covered = steps.flatMap((step) => step.ops);
  const missing = ops.filter(({ id }) => !covered.includes(id)).map(({ id }) => id);
  if (missing.length === 0) return;
  throw new MpsbenchError('internal', `The driver left out ${missing.join(', ')}.`);
}
