import { MpsbenchError } from '../../errors.js';
import type { Dawn } from './dawn.js';
import { deviceLost } from './errors.js';

/** An opened GPUDevice with its pipelines and what it has reported; shared by its executables. */
export class GpuContext {
  readonly id: string;
  readonly gpuDevice: GPUDevice;
  readonly dawn: Dawn;
  /** Keeps Dawn's instance alive as long as its device. */
  readonly gpu: GPU;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  #lost: string | undefined;
  #fault: string | undefined;

  constructor(id: string, gpuDevice: GPUDevice, gpu: GPU, dawn: Dawn) {
    this.id = id;
    this.gpuDevice = gpuDevice;
    this.gpu = gpu;
    this.dawn = dawn;
    void gpuDevice.lost.then(({ message }) => {
      this.#lost = message;
    });
    gpuDevice.onuncapturederror = ({ error }) => {
      this.#fault ??= error.message;
    };
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
        'This is a bug in mpsbench: please report it with the output of --debug.',
      );
    }
  }

  dispose(): void {
    this.#lost ??= 'it was disposed';
    this.#pipelines.clear();
    this.gpuDevice.destroy();
  }
}
