import type { BackendOptions } from '../backends/types.js';
import type { FrameworkMode } from '../frameworks/catalog.js';
import type { MeasureOptions } from '../measure/types.js';
import type { DType } from '../result/dtypes.js';
import type { KernelLevel } from '../result/schema.js';
import type { PlacementPolicy } from '../runner/planner.js';
import type { Params, PresetName, Workload } from '../workloads/types.js';
import type { SweepPlan } from './sweep/plan.js';

/** One workload with the sizes to run it at. */
export interface ChosenWorkload {
  readonly workload: Workload;
  readonly params: Params;
  /** Other sizes and choices to run it at instead; `params` are those of its first point. */
  readonly sweep?: SweepPlan;
}

export const KERNEL_CHOICES = ['auto', 'best', 'library'] as const satisfies readonly (
  | 'auto'
  | KernelLevel
)[];
export type KernelChoice = (typeof KERNEL_CHOICES)[number];

/** A workload with the level of kernels that every device of the comparison uses. */
export interface ComparedWorkload extends ChosenWorkload {
  readonly kernels: KernelLevel;
}

/** What is measured through the user's own frameworks, besides those that --device names. */
export interface FrameworkSettings {
  /** --frameworks: every device of every framework found. */
  readonly all: boolean;
  readonly mode: FrameworkMode;
  /** --python: interpreters or environments to use, and no others. */
  readonly python: readonly string[];
}

/** `mpsbench bench` with every flag read, checked and filled in: plain values, nothing done yet. */
export interface BenchSettings extends Omit<BackendOptions, 'kernels'> {
  /** What --kernels says, unresolved. */
  readonly kernels: KernelChoice;
  readonly workloads: readonly ChosenWorkload[];
  readonly preset: PresetName;
  /** Whether --quick decided what was left out. */
  readonly quick: boolean;
  readonly dtype: DType;
  /** What --device says, unresolved. */
  readonly device: string;
  readonly compareCpu: boolean;
  readonly frameworks: FrameworkSettings;
  readonly placement: PlacementPolicy;
  readonly mode: MeasureOptions['mode'];
  /** Of the whole measurement: its runs share the time and the samples. */
  readonly measure: MeasureOptions;
  /** Fresh worker processes per device. */
  readonly runs: number;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly profile: boolean;
  readonly saveTensors?: string;
  /** Wait until no other mpsbench of this user measures on the same hardware. */
  readonly wait?: boolean;
  /** Measure all devices once more, at the same time (--together). */
  readonly together?: boolean;
  /** Time limit of the whole command (--budget). */
  readonly budgetMs?: number;
}
