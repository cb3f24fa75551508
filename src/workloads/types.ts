import { MpsbenchError } from '../errors.js';
import type { Precision } from '../graph/precision.js';
import type { Graph, HostArray, TensorId } from '../graph/types.js';
import type { DType } from '../result/dtypes.js';

export const PRESETS = ['example', 'small', 'default', 'large'] as const;
export type PresetName = (typeof PRESETS)[number];

/**
 * Where a workload's values come from. `sequence`: 1, 2, 3, … as in a textbook; `uniform`: seeded
 * random numbers with full f32 significands.
 */
export type DataKind = 'sequence' | 'uniform';

export type ParamValue = number | string | readonly number[];
export type Params = Readonly<Record<string, ParamValue>>;

/** A size or rate that a user can set; becomes the flag `--name`. */
export interface ParameterSpec<P extends Params = Params> {
  readonly name: string;
  /** The value's placeholder in the help. */
  readonly placeholder: string;
  readonly description: string;
  /** `count`: a whole number of at least 1. `rate`: a number above 0. `shape`: comma-separated counts. */
  readonly kind: 'count' | 'rate' | 'shape';
  /** What the flag sets, where that is not the parameter of its own name. */
  apply?(value: ParamValue): Partial<P>;
}

/** The one size that memory grows with, so that a problem that does not fit can be shrunk. */
export interface ScaleParameter<P extends Params> {
  /** The flag that sets it. */
  readonly name: string;
  get(p: P): number;
  set(p: P, value: number): P;
}

/** What one iteration has to do, whatever computes it. */
export interface Work {
  readonly flops: number;
  /** The fewest bytes that have to move between memory and processor. */
  readonly bytes: number;
  /** Throughput in the workload's own unit. */
  readonly items: number;
  readonly itemUnit: string;
}

/** |actual - expected| <= abs + rel * |expected| holds for every value of a right result. */
export interface Tolerance {
  readonly abs: number;
  readonly rel: number;
}

/** One comparison with the float64 reference: of a tensor's values, or of something they imply. */
export interface Check {
  /** What is compared, in words. */
  readonly name: string;
  readonly tensor: TensorId;
  readonly actual: HostArray;
  readonly expected: Float64Array;
  readonly tolerance: Tolerance;
  /** The largest value of the tensors on the way to it; without it, of `expected`. */
  readonly magnitude?: number;
}

/** Values by tensor id, row-major. */
export type Values = ReadonlyMap<TensorId, HostArray>;

/** The values of a tensor that has to be there. */
export function valuesOf(values: Values, id: TensorId): HostArray {
  const found = values.get(id);
  if (!found) throw new MpsbenchError('internal', `no values for tensor ${id}`);
  return found;
}

/**
 * Consecutive iterations that are compared with the reference in one piece: it starts from the states
 * that the device itself had before them.
 */
export interface CheckedSpan {
  /** The iterations of the run before it. */
  readonly first: number;
  readonly iterations: number;
}

/** How the result is verified; iterations outside the spans run, but are not compared. */
export interface VerificationPlan {
  /** Of the whole run. */
  readonly iterations: number;
  /** In order, without overlap; the last one ends with the run. */
  readonly spans: readonly CheckedSpan[];
}

/** Every iteration, compared after the last one. */
export function checkInOnePiece(iterations: number): VerificationPlan {
  return { iterations, spans: [{ first: 0, iterations }] };
}

/** `count` single iterations, the first and the last among them, spread evenly over the run. */
export function checkSingly(iterations: number, count: number): VerificationPlan {
  const spans = Math.min(iterations, Math.max(2, count));
  const first = (span: number) => Math.round((span * (iterations - 1)) / Math.max(1, spans - 1));
  return {
    iterations,
    spans: Array.from({ length: spans }, (_, span) => ({ first: first(span), iterations: 1 })),
  };
}

/** One line of what a workload computed, for people. */
export interface OutputLine {
  readonly label: string;
  readonly value: string;
}

/** A parameterised problem with its graph, its values, its float64 reference and its work. */
export interface Workload<P extends Params = Params> {
  readonly id: string;
  /** One line for the help and for headings. */
  readonly summary: string;
  /** What one iteration is called, as in `time per step`. */
  readonly iteration: string;
  readonly parameters: readonly ParameterSpec<P>[];
  readonly presets: Readonly<Record<PresetName, P>>;
  readonly scale: ScaleParameter<P>;
  /**
   * Fills in what follows from sizes that a user changed.
   * @param given the names of the parameters that were set by hand: they stay as they are
   */
  derive?(p: P, given: ReadonlySet<string>): P;
  /** @throws MpsbenchError `usage` if the sizes contradict each other. */
  validate(p: P): void;
  /** `4096x1024 -> 1024`: the sizes for headings. */
  describeSizes(p: P): string;
  graph(p: P, dtype: DType): Graph;
  /** Every input, weight and initial state. The same seed gives the same values everywhere. */
  values(p: P, seed: number): Map<TensorId, Float32Array>;
  work(p: P, dtype: DType): Work;
  verification(p: P, dtype: DType): VerificationPlan;
  /**
   * Compares outputs and states after `iterations` iterations from `before` with a float64
   * reference, computed here by the plain formula and not by any backend.
   * @param precision decides what a right result may be off by
   * @param before every input, weight and state as it was before those iterations
   * @param after every output and state after them
   */
  check(p: P, precision: Precision, before: Values, after: Values, iterations: number): Check[];
  /** What to do where the values of the problem itself do not fit the dtype. */
  readonly overflowAdvice: string;
  /** What was computed, shown for the example preset. */
  describeOutput(p: P, after: Values): OutputLine[];
}
