import type { FrameworkMode } from '../frameworks/catalog.js';
import type { DType } from '../result/dtypes.js';
import type { RunMode } from '../result/schema.js';
import type { PlacementPolicy } from '../runner/planner.js';
import type { KernelChoice } from './settings.js';

/** The values of settings that are left out, and the names of their flags. */

export const DEFAULT_DTYPE: DType = 'f32';

/** Timeout per device request, in seconds. */
export const DEFAULT_TIMEOUT_S = 120;

/** What these flags are when they are left out. */
export const DEFAULTS: {
  readonly placement: PlacementPolicy;
  readonly mode: RunMode;
  readonly seed: number;
  readonly kernels: KernelChoice;
  readonly frameworkMode: FrameworkMode;
} = {
  placement: 'soft',
  mode: 'throughput',
  seed: 1,
  kernels: 'auto',
  frameworkMode: 'idiomatic',
};

/** What --preset, --time, --warmup, --samples and --precision are when they are left out. */
export const NORMAL = {
  preset: 'default',
  timeS: 3,
  warmupS: 0.5,
  minSamples: 10,
  maxSamples: 10_000,
  precisionPercent: 1,
  runs: 3,
} as const;

/** The same with --quick. */
export const QUICK = {
  preset: 'small',
  timeS: 0.4,
  warmupS: 0.1,
  minSamples: 10,
  maxSamples: 200,
  precisionPercent: 5,
  runs: 1,
} as const;

/** The pace of a sweep, whose points are many and support each other. */
export const SWEEP = {
  ...NORMAL,
  timeS: 1,
  warmupS: 0.2,
  precisionPercent: 2,
} as const;

/** `learningRate` -> `--learning-rate`. */
export function flagOf(parameter: string): string {
  return `--${parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
