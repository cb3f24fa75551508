import { FEWEST_FOR_INTERVAL } from '../measure/median-interval.js';
import { wallPerIteration } from '../measure/series.js';
import { median } from '../measure/statistics.js';
import { summarise } from '../measure/summary.js';
import type { BenchResult, DeviceInfo, Row, Summary } from '../result/schema.js';
import { refusals } from './facts.js';
import { keyOf } from './identity.js';

/** A result with the name of its file. */
export interface NamedResult {
  readonly name: string;
  readonly result: BenchResult;
}

/** A row with what it was measured on. */
export interface PlacedRow {
  readonly row: Row;
  readonly result: BenchResult;
  readonly device?: DeviceInfo;
  /** Of its file. */
  readonly source: string;
}

/** The same row of all results of one side. */
export interface PooledRow {
  /** The row that speaks for all: the first wrong one, else the last that was measured. */
  readonly spokesman: PlacedRow;
  /** Those with times, none where the row does not count. */
  readonly measured: readonly PlacedRow[];
  /** Of all of them; undefined without a time. */
  readonly times?: PooledTimes;
}

/** Wall times per iteration of every run of every file. */
export interface PooledTimes {
  /** Of a single measurement; of several, of their samples. */
  readonly wall: Summary;
  /** Medians of the runs; undefined where there are too few samples in all, or a time is zero. */
  readonly runMedians?: readonly number[];
  readonly runs: number;
}

export interface PooledSide {
  /** By key, in the order of the files. */
  readonly rows: ReadonlyMap<string, PooledRow>;
  /** Rows that were left out, a sentence each. */
  readonly leftOut: readonly string[];
}

/** Joins the same rows of several results: the runs of all of them are runs of one measurement. */
export function poolSide(results: readonly NamedResult[]): PooledSide {
  const groups = new Map<string, PlacedRow[]>();
  const leftOut: string[] = [];
  for (const { name, result } of results) {
    for (const row of result.rows) {
      const placed = { row, result, device: deviceOf(result, row), source: name };
      const group = groups.get(keyOf(row)) ?? [];
      groups.set(keyOf(row), group);
      const [first] = group;
      const differences = first ? refusals(first, placed) : [];
      if (differences.length === 0) group.push(placed);
      else leftOut.push(leftOutSentence(first, placed, differences));
    }
  }
  return { rows: new Map([...groups].map(([key, group]) => [key, pool(group)])), leftOut };
}

function deviceOf({ devices }: BenchResult, { device }: Row): DeviceInfo | undefined {
  return devices.find(({ id }) => id === device);
}

function leftOutSentence(
  first: PlacedRow,
  { row, source }: PlacedRow,
  [{ fact, base, new: other }]: ReturnType<typeof refusals>,
): string {
  return `${source}: ${row.workload} on ${row.device} is left out: ${fact} ${other}, but ${base} in ${first.source}.`;
}

function pool(group: readonly PlacedRow[]): PooledRow {
  const wrong = group.find(({ row }) => isWrong(row));
  const measured = wrong
    ? []
    : group.filter(({ row }) => row.state === 'measured' && hasTimes(row));
  return {
    spokesman: wrong ?? measured.at(-1) ?? group[group.length - 1],
    measured,
    ...(measured.length > 0 && { times: timesOf(measured) }),
  };
}

/** A result that is wrong, or too fast to be true. */
export function isWrong({ state }: Row): boolean {
  return state === 'wrong' || state === 'implausible';
}

function hasTimes({ measurement }: Row): boolean {
  return (measurement?.samples.length ?? 0) > 0 && (measurement?.wall.median ?? 0) > 0;
}

function timesOf(measured: readonly PlacedRow[]): PooledTimes {
  const measurements = measured.flatMap(({ row: { measurement } }) => measurement ?? []);
  const lengths = measurements.flatMap(({ runs, samples: { length } }) => {
    return runs.length > 0 ? runs.map((run) => run.samples) : [length];
  });
  const values = measurements.flatMap(({ samples }) => samples.map(wallPerIteration));
  let start = 0;
  const medians = lengths.map((length) => {
    start += length;
    return median(values.slice(start - length, start));
  });
  // Student's t over runs holds for runs of any length: what a median lacks shows in their spread.
  const isUsable = values.length >= FEWEST_FOR_INTERVAL && medians.every((value) => value > 0);
  const [{ wall }] = measurements;
  return {
    wall:
      measurements.length === 1
        ? wall
        : summarise(
            values,
            measurements.flatMap(({ blocks }) => blocks),
            lengths,
          ),
    ...(isUsable && { runMedians: medians }),
    runs: lengths.length,
  };
}
