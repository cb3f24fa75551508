import { MpsbenchError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { BenchResult, Row, Threshold } from '../result/schema.js';
import { formatNs, formatRate } from '../result/units.js';
import { namesRow, parseRowName, type RowName } from './row-name.js';

/** A limit of one kind for the rows that it names. */
export interface ThresholdRule extends RowName {
  /** As typed: `cnn=2`. */
  readonly text: string;
  /** A factor, or nanoseconds. */
  readonly limit: number;
}

/** What `bench` must reach to exit with 0. */
export interface Thresholds {
  readonly minSpeedup: readonly ThresholdRule[];
  readonly maxTime: readonly ThresholdRule[];
  /** Device ids or backends. */
  readonly requireDevice: readonly string[];
}

/** Holds a result against its thresholds, one outcome for each rule and row. */
export function checkThresholds(result: BenchResult, thresholds: Thresholds): Threshold[] {
  return [
    ...thresholds.requireDevice.map((id) => requireDevice(result, id)),
    ...thresholds.minSpeedup.flatMap((rule) => perRow(result, '--min-speedup', rule, minSpeedup)),
    ...thresholds.maxTime.flatMap((rule) => perRow(result, '--max-time', rule, maxTime)),
  ];
}

/** 1 for a missed threshold, 2 for one that could not be checked, else 0. */
export function thresholdsExitCode(outcomes: readonly Pick<Threshold, 'state'>[]): ExitCode {
  if (outcomes.some(({ state }) => state === 'missed')) return EXIT.finding;
  return outcomes.some(({ state }) => state === 'unchecked') ? EXIT.unchecked : EXIT.ok;
}

type Judged = Pick<Threshold, 'state' | 'message'>;

function perRow(
  { rows }: BenchResult,
  flag: Threshold['flag'],
  rule: ThresholdRule,
  judge: (row: Row, limit: number) => Judged | undefined,
): Threshold[] {
  const named = rows.filter((row) => namesRow(rule, row));
  const outcomes = named.flatMap((row): Threshold[] => {
    const judged = judge(row, rule.limit);
    const { workload, device } = row;
    return judged ? [{ flag, rule: rule.text, workload, device, ...judged }] : [];
  });
  if (outcomes.length > 0) return outcomes;
  const message = `No measured row fits ${flag} ${rule.text}.`;
  return [{ flag, rule: rule.text, state: 'unchecked', message }];
}

function minSpeedup({ workload, device, speedup }: Row, limit: number): Judged | undefined {
  if (!speedup) return undefined;
  const text = `${workload} on ${device} is ${formatRate(speedup.value)}x as fast as ${speedup.over}`;
  return judged(speedup.value >= limit, text, `${formatRate(limit)}x is required`);
}

function maxTime({ workload, device, state, measurement }: Row, limit: number): Judged | undefined {
  if (state !== 'measured' || !measurement) return undefined;
  const text = `${workload} on ${device} takes ${formatNs(measurement.wall.median)}`;
  return judged(measurement.wall.median <= limit, text, `${formatNs(limit)} is allowed`);
}

function judged(met: boolean, text: string, limit: string): Judged {
  return met
    ? { state: 'met', message: `${text}; ${limit}.` }
    : { state: 'missed', message: `${text}, but ${limit}.` };
}

function requireDevice({ rows, backends, error }: BenchResult, id: string): Threshold {
  const isIt = ({ device }: Row) =>
    id.includes(':') ? device === id : device.startsWith(`${id}:`);
  const own = rows.filter(isIt);
  const rule = { flag: '--require-device', rule: id } as const;
  if (own.some(({ state }) => state === 'measured')) {
    return { ...rule, state: 'met', message: `${own[0].device} was measured.` };
  }
  const failed = own.find(({ error: failure }) => failure)?.error;
  const backend = backends.find((candidate) => candidate.id === id.split(':')[0]);
  const reason =
    failed?.message ?? backend?.reason ?? (own.length === 0 ? error?.message : undefined);
  const remedy = failed?.advice ?? backend?.remedy;
  const why = reason
    ? `: ${reason.replace(/\.$/, '')}`
    : ': it is not among the devices of this run';
  return {
    ...rule,
    state: 'missed',
    message: `${id} was not measured${why}.${remedy ? ` ${remedy}` : ''}`,
  };
}

/** `2`, `cnn=2`, `cnn@cuda:0=2`, several by commas. @throws MpsbenchError `usage` */
export function parseSpeedups(text: string, workloads: readonly string[]): ThresholdRule[] {
  return parseRules('--min-speedup', text, workloads, 'cnn=2', (value) => {
    return /^(\d+\.?\d*|\.\d+)x?$/.test(value) ? Number.parseFloat(value) : undefined;
  });
}

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
};

/** `5ms`, `linear=5ms`, several by commas. @throws MpsbenchError `usage` */
export function parseTimes(text: string, workloads: readonly string[]): ThresholdRule[] {
  return parseRules('--max-time', text, workloads, 'linear=5ms', (value) => {
    const [, number, unit = ''] = /^(\d+\.?\d*|\.\d+)\s*([a-zµμ]+)$/.exec(value) ?? [];
    return number !== undefined && Object.hasOwn(UNITS_NS, unit)
      ? Number(number) * UNITS_NS[unit]
      : undefined;
  });
}

function parseRules(
  flag: string,
  text: string,
  workloads: readonly string[],
  example: string,
  read: (value: string) => number | undefined,
): ThresholdRule[] {
  return text.split(',').map((part) => {
    const [name, value, ...rest] = part.includes('=') ? part.split('=') : ['', part];
    const limit = rest.length === 0 ? read(value.trim()) : undefined;
    if (limit === undefined || !(limit > 0)) {
      throw new MpsbenchError(
        'usage',
        `${flag} ${text.trim() === '' ? `'${text}'` : text} has no limit above 0${flag === '--max-time' ? ' with a unit' : ''}.`,
        `Write, for example, ${flag} ${example}.`,
      );
    }
    return { ...parseRowName(flag, name.trim(), workloads), text: part.trim(), limit };
  });
}
