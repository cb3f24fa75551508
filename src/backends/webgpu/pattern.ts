import type { TensorId } from '../../graph/types.js';
import type { KernelDType, Packing, WorkgroupLimits } from '../../kernels/kernel.js';
import type { GraphView } from './graph-view.js';
import type { BufferId, Dispatch } from './lowered.js';

/** Ops that one step does; `at` is the op in whose place it runs. */
export interface Match {
  readonly ops: readonly number[];
  readonly at: number;
  emit(emitter: Emitter): readonly Dispatch[];
}

/** Looks at op `index` and says what it can start there. */
export type Pattern = (
  view: GraphView,
  index: number,
  limits: WorkgroupLimits,
) => Match | undefined;

export interface Emitter {
  readonly dtype: KernelDType;
  readonly limits: WorkgroupLimits;
  /** The buffer that holds a tensor; gives it memory. */
  buffer(tensor: TensorId): BufferId;
  /** A weight in the kernel's own order. */
  packed(tensor: TensorId, packing: Packing): BufferId;
  /** Memory for f32 partial results. */
  scratch(elements: number): BufferId;
}
