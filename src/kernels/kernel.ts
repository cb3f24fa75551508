import type { DType } from '../result/dtypes.js';

/** The dtypes that WGSL can store and compute with. Every kernel accumulates in f32. */
export type KernelDType = Extract<DType, 'f32' | 'f16'>;

/** The number of workgroups in x, y and z. */
export type Workgroups = readonly [number, number, number];

/** Another order of a constant tensor's elements that a kernel wants to read. */
export interface Packing {
  /** Elements of the packed tensor, padding included. */
  readonly elements: number;
  /** Values in row-major order to values in packed order. */
  pack(values: Float32Array): Float32Array;
}

/**
 * One compute shader and its launch. Shapes are constants in the source, so the launch needs no
 * arguments besides its buffers, and the compiler of the device can unroll and drop what is unused.
 */
export interface Kernel {
  /** The file and the variant, as the placement table shows it. */
  readonly name: string;
  /** Entry point `main`; group 0, storage buffers from binding 0, in the order that the file states. */
  readonly wgsl: string;
  readonly workgroups: Workgroups;
  /** By binding: constant operands that are read in another order than the graph's. */
  readonly packings?: ReadonlyMap<number, Packing>;
}

/** What a device allows one workgroup. */
export interface WorkgroupLimits {
  readonly maxInvocations: number;
  readonly maxStorageBytes: number;
}
