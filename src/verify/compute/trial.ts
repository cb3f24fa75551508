import type { ErrorRecord } from '../../errors.js';
import type { DeviceInfo, Sample } from '../../result/schema.js';
import type { Prepared } from '../../runner/protocol.js';
import { WORKLOADS } from '../../workloads/registry.js';
import type { Params, Workload } from '../../workloads/types.js';

/** Everything that compute checks judge about one device: plain facts, judged by pure functions. */
export interface Trial {
  readonly device: DeviceInfo;
  /** The example presets, by workload. */
  readonly examples: ReadonlyMap<string, Outcome<Prepared>>;
  /** The odd sizes, by workload. */
  readonly oddSizes: ReadonlyMap<string, Outcome<Prepared>>;
  readonly timing: Outcome<Timing>;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorRecord };

export interface Timing {
  readonly workload: string;
  readonly params: Params;
  readonly samples: readonly Sample[];
}

/**
 * Sizes that no tile, vector or workgroup divides, several workgroups large: they show reads and
 * writes beyond a tensor's end, which the sizes of the examples do not.
 */
const ODD_SIZES: Readonly<Record<string, Params>> = {
  add: { shape: [257, 129, 3], data: 'uniform' },
  linear: { rows: 67, features: 129, units: 33, epochs: 3, learningRate: 3.3, data: 'uniform' },
  cnn: { batch: 3, image: 29, filters: 17 },
};

export function oddSizesOf(workload: Workload): Params {
  return ODD_SIZES[workload.id] ?? workload.presets.small;
}

/** What is timed: bound by arithmetic, so that a cache does not make it faster than the memory. */
export const TIMED_WORKLOAD = 'linear';

/** At its peak, the device would take this long: more than handing over a launch costs. */
const LEAST_NS_AT_PEAK = 20_000;
const TIMED_LAYER = { features: 512, units: 512 };
const MOST_ROWS = 8192;

/** Sizes whose time can be compared with the device's peak, where that is known. */
export function timedSizes({ peak }: DeviceInfo): Params {
  const workload = WORKLOADS.find(({ id }) => id === TIMED_WORKLOAD) as Workload;
  const gflops = peak?.gflops?.f32;
  if (gflops === undefined) return oddSizesOf(workload);
  const one = { ...workload.presets.small, ...TIMED_LAYER, rows: 1 };
  const flopsPerRow = workload.work(one, 'f32').flops;
  const rows = Math.ceil((gflops * LEAST_NS_AT_PEAK) / flopsPerRow);
  return { ...one, rows: Math.min(MOST_ROWS, Math.max(1, rows)) };
}
