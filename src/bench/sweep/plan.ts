import { MpsbenchError } from '../../errors.js';
import type { DType } from '../../result/dtypes.js';
import type { Coordinates } from '../../result/schema.js';
import type { Params } from '../../workloads/types.js';
import type { BenchSettings } from '../settings.js';

/** One size or choice that a sweep varies. */
export interface SweepAxis {
  /** As its flag names it, without dashes: `batch`, `dtype`, `threads`. */
  readonly name: string;
  /** `process`: a choice that a worker keeps for its life, such as the CPU engine. */
  readonly kind: 'size' | 'threads' | 'process' | 'choice';
  readonly values: readonly (number | string)[];
}

/** One combination of the values of all axes: what is measured on every device. */
export interface SweepPoint {
  readonly at: Coordinates;
  readonly params: Params;
  readonly dtype: DType;
  readonly threads?: number | undefined;
  readonly engine?: string | undefined;
  readonly kernels: BenchSettings['kernels'];
  readonly mode: BenchSettings['mode'];
}

/** A sweep of one workload: plain values, nothing done yet. */
export interface SweepPlan {
  readonly axes: readonly SweepAxis[];
  /** The axis that curves are drawn over; undefined if only names are varied. */
  readonly over?: string;
  /** The sizes are to be cut at what fits into memory and runs in reasonable time. */
  readonly isAutomatic: boolean;
  readonly points: readonly SweepPoint[];
  /** The point with these coordinates; it may lie between those of the grid. @throws MpsbenchError `usage` */
  pointAt(at: Coordinates): SweepPoint;
}

/** A sweep that finds its own sizes grows by this factor. */
export const AUTOMATIC_FACTOR = 4;

/** More points than this need a time limit. */
export const MOST_POINTS = 1000;
/** No sweep is larger, even with a time limit: its result has to fit into memory. */
const MOST_POINTS_WITH_BUDGET = 2500;

/**
 * The product of all axes, the last one varying fastest.
 * @param scale the workload's own size axis: curves are drawn over it where it is varied
 * @throws MpsbenchError `usage` for more points than can be measured
 */
export function planSweep(
  axes: readonly SweepAxis[],
  pointAt: SweepPlan['pointAt'],
  { scale, isAutomatic, hasBudget }: { scale: string; isAutomatic: boolean; hasBudget: boolean },
): SweepPlan {
  const over = curveAxis(axes, scale)?.name;
  // The axis of the curves varies fastest, threads and engines slowest: they need workers of their own.
  const rank = ({ name, kind }: SweepAxis) => {
    if (name === over) return 3;
    return { threads: 0, process: 0, choice: 1, size: 2 }[kind];
  };
  const ordered = [...axes].sort((a, b) => rank(a) - rank(b));
  const total = ordered.reduce((product, { values }) => product * values.length, 1);
  requireMeasurable(ordered, total, hasBudget);
  const combinations = ordered.reduce<Coordinates[]>(
    (all, { name, values }) =>
      all.flatMap((at) => values.map((value) => ({ ...at, [name]: value }))),
    [{}],
  );
  return { axes: ordered, over, isAutomatic, pointAt, points: combinations.map(pointAt) };
}

function curveAxis(axes: readonly SweepAxis[], scale: string): SweepAxis | undefined {
  const sizes = axes.filter(({ kind }) => kind === 'size');
  return (
    sizes.find(({ name }) => name === scale) ??
    sizes.at(0) ??
    axes.find(({ kind }) => kind === 'threads')
  );
}

function requireMeasurable(axes: readonly SweepAxis[], total: number, hasBudget: boolean): void {
  const most = hasBudget ? MOST_POINTS_WITH_BUDGET : MOST_POINTS;
  if (total <= most) return;
  const number = (value: number) => value.toLocaleString('en-US');
  const product = axes.map(({ name, values }) => `${number(values.length)} of --${name}`);
  throw new MpsbenchError(
    'usage',
    `The sweep has ${number(total)} points (${product.join(' x ')}); at most ${number(most)} are measured.`,
    hasBudget
      ? 'Use a coarser step, for example 1..4096*4.'
      : 'Use a coarser step, for example 1..4096*4, or limit the time with --budget 10m.',
  );
}

/**
 * The order in which a sweep with a time limit goes through its points: ends first, then halves, so that what does
 * not fit into the time lies between points that did.
 */
export function coarseFirst<T>(points: readonly T[]): T[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const add = (index: number) => {
    if (!seen.has(index)) order.push(index);
    seen.add(index);
  };
  add(0);
  add(points.length - 1);
  for (let spans: [number, number][] = [[0, points.length - 1]]; spans.length > 0; ) {
    spans = spans.flatMap(([low, high]): [number, number][] => {
      if (high - low < 2) return [];
      const middle = (low + high) >> 1;
      add(middle);
      return [
        [low, middle],
        [middle, high],
      ];
    });
  }
  return order.flatMap((index) => points[index] ?? []);
}
