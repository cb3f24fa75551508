import type { ComparedRow, Difference, Row, Warning } from '../result/schema.js';
import { causes, disturbancesOf, refusals } from './facts.js';
import { identityDifferences, looseKeyOf } from './identity.js';
import { isWrong, type PooledRow, type PooledSide } from './pool.js';
import { runsAdvice } from './runs-advice.js';
import { type Tolerance, type ToleranceRule, toleranceFor } from './tolerance.js';
import { judge, type TimeRatio, timeRatioOf, typicalNs } from './verdict.js';

export interface ComparedSides {
  readonly rows: readonly ComparedRow[];
  /** Rows that only one side has, a sentence each. */
  readonly unmatched: readonly string[];
  /** What would decide rows that are unclear. */
  readonly advice: readonly Warning[];
}

/** Matches the rows of two sides and judges each pair; in the order of NEW. */
export function compareSides(
  base: PooledSide,
  now: PooledSide,
  rules: readonly ToleranceRule[],
): ComparedSides {
  const pairs = matchRows([...base.rows], [...now.rows]);
  const compared = pairs.flatMap(({ before, after }) => {
    return before && after ? [{ before, after, row: compareRow(before, after, rules) }] : [];
  });
  const advice = compared.flatMap(
    ({ before, after, row }) => runsAdvice(row, before.times, after.times) ?? [],
  );
  const unmatched = pairs.flatMap(({ before, after }) => {
    const only = before ? (after ? undefined : before) : after;
    if (!only) return [];
    const { workload, device } = only.spokesman.row;
    return [`${workload} on ${device} is only in ${before ? 'BASE' : 'NEW'}.`];
  });
  return { rows: compared.map(({ row }) => row), unmatched, advice };
}

interface Pair {
  readonly before?: PooledRow;
  readonly after?: PooledRow;
}

type Keyed = readonly [string, PooledRow];

/**
 * Equal rows first; then rows that differ in the level of kernels only; then, of a workload and device
 * of which nothing matched, the first rows, so that their differences can be named.
 */
function matchRows(base: readonly Keyed[], now: readonly Keyed[]): Pair[] {
  const found = new Map<PooledRow, PooledRow>();
  const taken = new Set<PooledRow>();
  const passes: ((keyed: Keyed) => string | undefined)[] = [
    ([key]) => key,
    ([, { spokesman }]) => looseKeyOf(spokesman.row),
    ([, { spokesman }]) => {
      const place = placeOf(spokesman.row);
      return matched.has(place) ? undefined : place;
    },
  ];
  const matched = new Set<string>();
  for (const keyIn of passes) {
    const free = new Map<string, PooledRow[]>();
    for (const keyed of base) {
      const key = taken.has(keyed[1]) ? undefined : keyIn(keyed);
      if (key === undefined) continue;
      const group = free.get(key);
      if (group) group.push(keyed[1]);
      else free.set(key, [keyed[1]]);
    }
    for (const keyed of now) {
      const [, after] = keyed;
      const key = found.has(after) ? undefined : keyIn(keyed);
      const before = key === undefined ? undefined : free.get(key)?.shift();
      if (!before) continue;
      found.set(after, before);
      taken.add(before);
    }
    for (const after of found.keys()) matched.add(placeOf(after.spokesman.row));
  }
  return [
    ...now.map(([, after]) => ({ before: found.get(after), after })),
    ...base.flatMap(([, before]) => (taken.has(before) ? [] : [{ before }])),
  ];
}

function placeOf({ workload, device }: Row): string {
  return JSON.stringify([workload, device]);
}

function compareRow(
  before: PooledRow,
  after: PooledRow,
  rules: readonly ToleranceRule[],
): ComparedRow {
  const tolerance = toleranceOf(before, after, rules);
  const { row } = after.spokesman;
  const { workload, params, dtype, tf32, device, engine, kernels, mode, point, reproduce } = row;
  const timeRatio = before.times && after.times && timeRatioOf(before.times, after.times);
  const outcome = outcomeOf(before, after, tolerance, timeRatio);
  return {
    workload,
    params,
    dtype,
    tf32,
    device,
    engine,
    kernels,
    mode,
    point,
    tolerance: tolerance.share,
    toleranceFrom: tolerance.from,
    base: timesOf(before),
    new: timesOf(after),
    ...(timeRatio && outcome.verdict !== 'not-comparable' && { timeRatio }),
    ...outcome,
    reproduce,
  };
}

function toleranceOf(
  before: PooledRow,
  after: PooledRow,
  rules: readonly ToleranceRule[],
): Tolerance {
  const measured = [...before.measured, ...after.measured];
  return toleranceFor(after.spokesman.row, rules, {
    virtualMachine: measured.some(({ result }) => result.host.virtualMachine !== undefined),
    disturbed: measured.some(({ row }) => disturbancesOf(row).length > 0),
    singleRun: before.times?.runs === 1 || after.times?.runs === 1,
  });
}

function timesOf({ times }: PooledRow): ComparedRow['base'] {
  if (!times) return undefined;
  return { timeNs: typicalNs(times), runs: times.runs, samples: times.wall.samples };
}

type Outcome = Pick<ComparedRow, 'verdict' | 'why' | 'differences'>;

function outcomeOf(
  before: PooledRow,
  after: PooledRow,
  tolerance: Tolerance,
  ratio: TimeRatio | undefined,
): Outcome {
  const [base, now] = [before.spokesman, after.spokesman];
  const forbidding = [...identityDifferences(base.row, now.row), ...refusals(base, now)];
  const likely = causes(base, now);
  if (
    isWrong(now.row) &&
    !isWrong(base.row) &&
    identityDifferences(base.row, now.row).length === 0
  ) {
    const why = now.row.error?.message ?? 'The result is wrong.';
    return { verdict: 'wrong', why, differences: [...refusals(base, now), ...likely] };
  }
  if (isWrong(base.row)) {
    const state = isWrong(now.row) ? 'still is' : 'is not any more';
    return refused(`It was ${base.row.state} in BASE and ${state}.`, forbidding);
  }
  if (forbidding.length > 0) return refused(sentenceOf(forbidding), forbidding);
  if (before.measured.length === 0) {
    return refused(`It has no time in BASE: ${reasonOf(base.row)}`, []);
  }
  if (after.measured.length === 0) {
    return { verdict: 'failed', why: reasonOf(now.row), differences: likely };
  }
  if (!ratio) return refused('Its times have no ratio: they are not those of a measurement.', []);
  const verdict = judge(ratio, tolerance.share);
  return { verdict, why: judgedSentence(ratio, tolerance, verdict), differences: likely };
}

function refused(why: string, differences: readonly Difference[]): Outcome {
  return { verdict: 'not-comparable', why, differences };
}

function sentenceOf(differences: readonly Difference[]): string {
  const parts = differences.map(({ fact, base, new: now }) => `${fact} ${base} and ${now}`);
  return `BASE and NEW differ in what was measured: ${parts.join('; ')}.`;
}

function reasonOf({ error, state }: Row): string {
  return error?.message ?? (state === 'measured' ? 'It has no usable time.' : `It is ${state}.`);
}

function judgedSentence(ratio: TimeRatio, { share }: Tolerance, verdict: string): string {
  const limit = `tolerance of ${Number((share * 100).toPrecision(3))} %`;
  if (!ratio.interval) return 'Too few samples for an interval.';
  if (verdict === 'same') return `The interval lies within the ${limit}.`;
  if (verdict !== 'unclear')
    return `The interval excludes no change, and the change exceeds the ${limit}.`;
  const [low, high] = ratio.interval;
  return low <= 1 && high >= 1
    ? `The interval holds no change as well as one beyond the ${limit}.`
    : `There is a change, but whether it exceeds the ${limit} is not certain.`;
}
