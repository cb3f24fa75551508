import type { OpId, TensorId } from '../../graph/types.js';
import type { Kernel, Packing } from '../../kernels/kernel.js';

/** A buffer of the device: a tensor's (its id), or a scratch buffer's (`scratch.N`). */
export type BufferId = string;

/** One launch: the kernel and its buffers, by binding. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly operands: readonly BufferId[];
}

/** Launches that together do some ops of the graph. */
export interface LoweredStep {
  readonly ops: readonly OpId[];
  readonly kernel: string;
  readonly dispatches: readonly Dispatch[];
}

/** A graph as launches over buffers; plain data, made without a device. */
export interface LoweredGraph {
  readonly steps: readonly LoweredStep[];
  /** Bytes of every buffer, without padding. */
  readonly buffers: ReadonlyMap<BufferId, number>;
  /** Where each tensor that has memory lies; temps inside a fused step have none. */
  readonly bufferOf: ReadonlyMap<TensorId, BufferId>;
  /** Constant tensors that a kernel reads in another order. */
  readonly packings: ReadonlyMap<TensorId, Packing>;
}
