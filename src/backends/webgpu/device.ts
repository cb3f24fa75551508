import { MpsbenchError } from '../../errors.js';
import type { Graph, Op } from '../../graph/types.js';
import type { WorkgroupLimits } from '../../kernels/kernel.js';
import type { DType } from '../../result/dtypes.js';
import type { DeviceInfo, KernelLevel } from '../../result/schema.js';
import type { Device, Executable, Support } from '../types.js';
import type { FoundAdapter } from './adapters.js';
import { checkSizes } from './buffers.js';
import { GpuContext } from './context.js';
import type { Dawn } from './dawn.js';
import { deviceInfo } from './device-info.js';
import { withErrorScopes } from './errors.js';
import { WebgpuExecutable } from './executable.js';
import { fuses, lower } from './lowering.js';
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
  readonly context: GpuContext;
  readonly #limits: WorkgroupLimits;
  readonly #kernels: KernelLevel;

  static async open(
    id: string,
    found: FoundAdapter,
    dawn: Dawn,
    kernels: KernelLevel = 'best',
  ): Promise<WebgpuDevice> {
    const { adapter } = found;
    const gpuDevice = await adapter.requestDevice({
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]])),
    });
    const clock = gpuDevice.features.has('timestamp-query')
      ? { resolutionNs: await measureResolutionNs(gpuDevice, dawn) }
      : undefined;
    const info = deviceInfo(id, adapter, gpuDevice, clock, dawn.version);
    return new WebgpuDevice(info, new GpuContext(id, gpuDevice, found.gpu, dawn), kernels);
  }

  private constructor(info: DeviceInfo, context: GpuContext, kernels: KernelLevel) {
    this.id = info.id;
    this.info = info;
    this.context = context;
    this.#kernels = kernels;
    const { limits } = context.gpuDevice;
    this.#limits = {
      maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
      maxStorageBytes: limits.maxComputeWorkgroupStorageSize,
    };
  }

  supports(_op: Op, dtype: DType): Support {
    if (dtype === 'f64' || dtype === 'bf16') return { ok: false, reason: `WGSL has no ${dtype}` };
    if (dtype === 'f16' && !this.context.gpuDevice.features.has('shader-f16')) {
      return { ok: false, reason: 'the device lacks shader-f16' };
    }
    return { ok: true };
  }

  fuses(graph: Graph): boolean {
    return fuses(graph, this.#limits);
  }

  async compile(graph: Graph): Promise<Executable> {
    this.context.check();
    for (const { shape, dtype, id } of graph.tensors) {
      const support = this.supports(graph.ops[0], dtype);
      if (!support.ok) {
        throw new MpsbenchError('unsupported', `${this.id}: ${support.reason} (${id}).`);
      }
      if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1)) {
        throw new MpsbenchError('unsupported', `${id} has no valid shape: (${shape.join(', ')}).`);
      }
    }
    const lowered = lower(graph, this.#limits, this.#kernels);
    checkSizes(lowered.buffers, this.info.maxBufferBytes ?? 0, this.info.memoryBytes);
    return withErrorScopes(this.context.gpuDevice, `Compiling ${graph.name} for ${this.id}`, () =>
      WebgpuExecutable.create(this.context, graph, lowered),
    );
  }

  dispose(): void {
    this.context.dispose();
  }
}
