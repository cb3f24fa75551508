import { MpsbenchError } from '../../errors.js';
import type { DType, Graph, Op } from '../../graph/types.js';
import type { WorkgroupLimits } from '../../kernels/kernel.js';
import type { Device, DeviceInfo, Executable, Support } from '../types.js';
import type { FoundAdapter } from './adapters.js';
import { checkSizes } from './buffers.js';
import type { Dawn } from './dawn.js';
import { deviceInfo } from './device-info.js';
import { deviceLost, withErrorScopes } from './errors.js';
import { WebgpuExecutable } from './executable.js';
import { lower } from './lowering.js';
import { measureResolutionNs } from './timestamps.js';

const WANTED_FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'] as const;

/** Limits that decide how large a graph and how good a kernel can be. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

export class WebgpuDevice implements Device {
  readonly id: string;
  readonly info: DeviceInfo;
  readonly gpuDevice: GPUDevice;
  readonly dawn: Dawn;
  /** Keeps Dawn's instance alive as long as its device. */
  readonly gpu: GPU;
  readonly #limits: WorkgroupLimits;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  #lost: string | undefined;
  #fault: string | undefined;

  static async open(id: string, found: FoundAdapter, dawn: Dawn): Promise<WebgpuDevice> {
    const { adapter } = found;
    const gpuDevice = await adapter.requestDevice({
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]])),
    });
    const clock = gpuDevice.features.has('timestamp-query')
      ? { resolutionNs: await measureResolutionNs(gpuDevice, dawn) }
      : undefined;
    const info = deviceInfo(id, adapter, gpuDevice, clock, dawn.version);
    return new WebgpuDevice(info, gpuDevice, found.gpu, dawn);
  }

  private constructor(info: DeviceInfo, gpuDevice: GPUDevice, gpu: GPU, dawn: Dawn) {
    this.id = info.id;
    this.info = info;
    this.gpuDevice = gpuDevice;
    this.gpu = gpu;
    this.dawn = dawn;
    this.#limits = {
      maxInvocations: gpuDevice.limits.maxComputeInvocationsPerWorkgroup,
      maxStorageBytes: gpuDevice.limits.maxComputeWorkgroupStorageSize,
    };
    void gpuDevice.lost.then(({ message }) => {
      this.#lost = message;
    });
    gpuDevice.onuncapturederror = ({ error }) => {
      this.#fault ??= error.message;
    };
  }

  supports(_op: Op, dtype: DType): Support {
    if (dtype === 'f64' || dtype === 'bf16') return { ok: false, reason: `WGSL has no ${dtype}` };
    if (dtype === 'f16' && !this.gpuDevice.features.has('shader-f16')) {
      return { ok: false, reason: 'the device lacks shader-f16' };
    }
    return { ok: true };
  }

  async compile(graph: Graph): Promise<Executable> {
    this.check();
    for (const { shape, dtype, id } of graph.tensors) {
      const support = this.supports(graph.ops[0], dtype);
      if (!support.ok) {
        throw new MpsbenchError('unsupported', `${this.id}: ${support.reason} (${id}).`);
      }
      if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1)) {
        throw new MpsbenchError('unsupported', `${id} has no valid shape: (${shape.join(', ')}).`);
      }
    }
    const lowered = lower(graph, this.#limits);
    checkSizes(lowered.buffers, this.info.maxBufferBytes ?? 0, this.info.memoryBytes);
    return withErrorScopes(this.gpuDevice, `Compiling ${graph.name} for ${this.id}`, () =>
      WebgpuExecutable.create(this, graph, lowered),
    );
  }

  /** The pipeline of a kernel's source, compiled once. */
  async pipeline(wgsl: string): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(wgsl);
    if (known) return known;
    const module = this.gpuDevice.createShaderModule({ code: wgsl });
    const pipeline = await this.gpuDevice.createComputePipelineAsync({
      layout: 'auto',
      compute: { module },
    });
    this.#pipelines.set(wgsl, pipeline);
    return pipeline;
  }

  /**
   * Throws what the device reported since the last call.
   * @throws MpsbenchError `device_lost` or `internal`
   */
  check(): void {
    if (this.#lost !== undefined) throw deviceLost(this.id, this.#lost);
    if (this.#fault !== undefined) {
      const message = this.#fault;
      this.#fault = undefined;
      throw new MpsbenchError(
        'internal',
        `${this.id} reported an error: ${message.trim().split('\n', 1)[0]}`,
        'This is a defect of mpsbench: please report it with the output of --debug.',
      );
    }
  }

  dispose(): void {
    this.#lost ??= 'it was disposed';
    this.#pipelines.clear();
    this.gpuDevice.destroy();
  }
}
