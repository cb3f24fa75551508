import type { BackendOptions } from '../backends/types.js';
import type { MeasureOptions } from '../measure/types.js';
import type { DType } from '../result/dtypes.js';
import type { PlacementPolicy } from '../runner/planner.js';
import type { Params, PresetName, Workload } from '../workloads/types.js';

/** One workload with the sizes to run it at. */
export interface ChosenWorkload {
  readonly workload: Workload;
  readonly params: Params;
}

/** `mpsbench bench` with every flag read, checked and filled in: plain values, nothing done yet. */
export interface BenchSettings extends BackendOptions {
  readonly workloads: readonly ChosenWorkload[];
  readonly preset: PresetName;
  /** Whether --quick decided what was left out. */
  readonly quick: boolean;
  readonly dtype: DType;
  /** What --device says, unresolved. */
  readonly device: string;
  readonly compareCpu: boolean;
  readonly placement: PlacementPolicy;
  readonly mode: MeasureOptions['mode'];
  readonly measure: MeasureOptions;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly profile: boolean;
  readonly saveTensors?: string;
}
