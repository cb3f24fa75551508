import { MpsbenchError } from '../../errors.js';
import { elementCount } from '../../graph/shapes.js';
import type { Graph, HostArray, Tensor, TensorId } from '../../graph/types.js';
import type { Workgroups } from '../../kernels/kernel.js';
import type { RunMode, Sample } from '../../result/schema.js';
import type { Executable, Step, StepTime } from '../types.js';
import { decode, download, encode, paddedBytes, upload } from './buffers.js';
import type { GpuContext } from './context.js';
import { withErrorScopes } from './errors.js';
import type { BufferId, LoweredGraph } from './lowered.js';
import { planSubmission } from './submission.js';
import { passNs, TIMED_PASSES, Timestamps } from './timestamps.js';

/** A launch with everything that encoding it needs. */
interface Launch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Workgroups;
}

/**
 * Waiting: dawn.node asks Dawn for finished work in every turn of Node's event loop while a promise
 * is open (setImmediate, without a timer), so onSubmittedWorkDone adds microseconds, not a tick; and
 * mapAsync, which does the same, is no faster.
 */
export class WebgpuExecutable implements Executable {
  readonly steps: readonly Step[];
  readonly deviceBytes: number;
  readonly #context: GpuContext;
  readonly #tensors: ReadonlyMap<TensorId, Tensor>;
  readonly #outputs: ReadonlySet<TensorId>;
  readonly #lowered: LoweredGraph;
  readonly #buffers: ReadonlyMap<BufferId, GPUBuffer>;
  /** By step. */
  readonly #launches: readonly (readonly Launch[])[];
  readonly #timestamps: Timestamps | undefined;
  #nsPerIteration: number | undefined;
  #disposed = false;

  static async create(
    context: GpuContext,
    graph: Graph,
    lowered: LoweredGraph,
  ): Promise<WebgpuExecutable> {
    const { gpuDevice, dawn } = context;
    const buffers = new Map<BufferId, GPUBuffer>();
    const usage = dawn.usage.STORAGE | dawn.usage.COPY_SRC | dawn.usage.COPY_DST;
    await withErrorScopes(gpuDevice, `Allocating ${graph.name} on ${context.id}`, () => {
      for (const [id, bytes] of lowered.buffers) {
        buffers.set(id, gpuDevice.createBuffer({ label: id, size: paddedBytes(bytes), usage }));
      }
    }).catch((error: unknown) => {
      release(buffers);
      throw error;
    });
    const launches: Launch[][] = [];
    for (const { dispatches } of lowered.steps) {
      const step: Launch[] = [];
      for (const { kernel, operands } of dispatches) {
        const pipeline = await context.pipeline(kernel.wgsl);
        const entries = operands.map((id, binding) => ({
          binding,
          resource: { buffer: existing(buffers, id) },
        }));
        const layout = pipeline.getBindGroupLayout(0);
        const bindGroup = gpuDevice.createBindGroup({ layout, entries });
        step.push({ pipeline, bindGroup, workgroups: kernel.workgroups });
      }
      launches.push(step);
    }
    return new WebgpuExecutable(context, graph, lowered, buffers, launches);
  }

  private constructor(
    context: GpuContext,
    graph: Graph,
    lowered: LoweredGraph,
    buffers: ReadonlyMap<BufferId, GPUBuffer>,
    launches: readonly (readonly Launch[])[],
  ) {
    this.#context = context;
    this.#tensors = new Map(graph.tensors.map((tensor) => [tensor.id, tensor]));
    this.#outputs = new Set(graph.outputs);
    this.#lowered = lowered;
    this.#buffers = buffers;
    this.#launches = launches;
    this.#timestamps = context.gpuDevice.features.has('timestamp-query')
      ? new Timestamps(context.gpuDevice, context.dawn)
      : undefined;
    this.steps = lowered.steps.map(({ ops, kernel }) => ({ ops, kernel }));
    this.deviceBytes = [...lowered.buffers.values()].reduce((sum, n) => sum + paddedBytes(n), 0);
  }

  write(id: TensorId, values: HostArray): void {
    this.#check();
    const tensor = this.#tensor(id);
    if (tensor.role === 'temp')
      throw misuse(`${id} is computed by the graph; it cannot be written.`);
    const count = elementCount(tensor.shape);
    if (values.length !== count) {
      throw misuse(`${id} has ${count} elements; ${values.length} were given.`);
    }
    const bytes = encode(values, this.#dtype(tensor), this.#lowered.packings.get(id));
    upload(this.#context.gpuDevice, existing(this.#buffers, this.#bufferOf(id)), bytes);
  }

  async run(iterations: number, mode: RunMode): Promise<Sample> {
    if (!Number.isSafeInteger(iterations) || iterations < 1) {
      throw misuse(`${iterations} is not a number of iterations.`);
    }
    return this.#guarded(() => this.#run(iterations, mode));
  }

  async #run(iterations: number, mode: RunMode): Promise<Sample> {
    const plan =
      mode === 'latency'
        ? new Array<number>(iterations).fill(1)
        : planSubmission(iterations, this.#launches.flat().length, this.#nsPerIteration);
    let wallNs = 0;
    let deviceNs: number | undefined = 0;
    for (let first = 0; first < plan.length; first += TIMED_PASSES) {
      const group = plan.slice(first, first + TIMED_PASSES);
      wallNs +=
        mode === 'latency'
          ? await this.#runOneByOne(group)
          : await this.#submitAndWait(group, this.#launches.flat());
      const ns: number | undefined = await this.#deviceNs(group.length);
      deviceNs = ns === undefined || deviceNs === undefined ? undefined : deviceNs + ns;
    }
    this.#nsPerIteration = wallNs / iterations;
    return { iterations, wallNs, ...(deviceNs !== undefined && { deviceNs }) };
  }

  async read(id: TensorId): Promise<HostArray> {
    this.#check();
    const tensor = this.#tensor(id);
    if (tensor.role !== 'state' && !this.#outputs.has(id)) {
      throw misuse(`${id} is neither an output nor a state tensor; it cannot be read.`);
    }
    const dtype = this.#dtype(tensor);
    const bytes = elementCount(tensor.shape) * (dtype === 'f16' ? 2 : 4);
    const buffer = existing(this.#buffers, this.#bufferOf(id));
    const { gpuDevice, dawn } = this.#context;
    return this.#guarded(async () => decode(await download(gpuDevice, dawn, buffer, bytes), dtype));
  }

  async profile(iterations: number): Promise<StepTime[]> {
    return this.#guarded(() => this.#profile(iterations));
  }

  async #profile(iterations: number): Promise<StepTime[]> {
    const totals = this.#launches.map(() => ({ wallNs: 0, deviceNs: 0 }));
    for (let iteration = 0; iteration < iterations; iteration++) {
      for (const [index, launches] of this.#launches.entries()) {
        totals[index].wallNs += await this.#submitAndWait([1], launches);
        totals[index].deviceNs += (await this.#deviceNs(1)) ?? Number.NaN;
      }
    }
    return this.steps.map(({ ops, kernel }, index) => {
      const { wallNs, deviceNs } = totals[index];
      return {
        ops,
        kernel,
        wallNs: wallNs / iterations,
        ...(Number.isFinite(deviceNs) && { deviceNs: deviceNs / iterations }),
      };
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    release(this.#buffers);
    this.#timestamps?.dispose();
  }

  /** Does work on the device; says so if the device was lost or reported an error meanwhile. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#check();
    try {
      const result = await work();
      this.#context.check();
      return result;
    } catch (error) {
      // The loss of a device is reported in a later turn than the failures that it causes.
      await new Promise(setImmediate);
      this.#context.check();
      throw MpsbenchError.from(error);
    }
  }

  async #runOneByOne(plan: readonly number[]): Promise<number> {
    let wallNs = 0;
    for (let i = 0; i < plan.length; i++) {
      wallNs += await this.#submitAndWait([plan[i]], this.#launches.flat(), i);
    }
    return wallNs;
  }

  /** All launches in one pass: WebGPU orders those that touch the same buffer. */
  #encode(
    iterations: number,
    timed: GPUComputePassDescriptor | undefined,
    launches: readonly Launch[],
  ): GPUCommandBuffer {
    const encoder = this.#context.gpuDevice.createCommandEncoder();
    const pass = encoder.beginComputePass(timed);
    for (let i = 0; i < iterations; i++) {
      for (const { pipeline, bindGroup, workgroups } of launches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
      }
    }
    pass.end();
    return encoder.finish();
  }

  /**
   * Encodes, submits and waits: all of it is wall time, since a program that uses the GPU pays for
   * all of it. Each command buffer is a submission of its own, so that a watchdog sees none that is
   * too long, and the device starts on one while the next is encoded.
   * @param plan iterations of each command buffer
   * @param firstPass the timed pass of the first of them
   */
  async #submitAndWait(
    plan: readonly number[],
    launches: readonly Launch[],
    firstPass = 0,
  ): Promise<number> {
    const { queue } = this.#context.gpuDevice;
    const begin = process.hrtime.bigint();
    for (const [i, iterations] of plan.entries()) {
      const timed = this.#timestamps?.passes[firstPass + i];
      queue.submit([this.#encode(iterations, timed, launches)]);
    }
    await queue.onSubmittedWorkDone();
    return Number(process.hrtime.bigint() - begin);
  }

  /** The device time of the first `passes` timed passes. */
  async #deviceNs(passes: number): Promise<number | undefined> {
    if (!this.#timestamps) return undefined;
    const times = await this.#timestamps.read(passes);
    let total = 0;
    for (let pass = 0; pass < passes; pass++) total += passNs(times, pass) ?? Number.NaN;
    return Number.isNaN(total) ? undefined : total;
  }

  #tensor(id: TensorId): Tensor {
    const tensor = this.#tensors.get(id);
    if (!tensor) throw misuse(`The graph has no tensor ${id}.`);
    return tensor;
  }

  #bufferOf(id: TensorId): BufferId {
    const buffer = this.#lowered.bufferOf.get(id);
    if (buffer === undefined) throw misuse(`${id} has no memory of its own.`);
    return buffer;
  }

  #dtype({ dtype }: Tensor): 'f32' | 'f16' {
    return dtype === 'f16' ? 'f16' : 'f32';
  }

  #check(): void {
    if (this.#disposed) throw misuse('The executable was disposed.');
    this.#context.check();
  }
}

function release(buffers: ReadonlyMap<BufferId, GPUBuffer>): void {
  for (const buffer of buffers.values()) buffer.destroy();
}

function existing<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw misuse(`No buffer ${String(key)} was allocated.`);
  return value;
}

/** A call that breaks the contract of Executable. */
function misuse(message: string): MpsbenchError {
  return new MpsbenchError(
    'internal',
    message,
    'This is a bug in mpsbench: please report it with the output of --debug.',
  );
}
