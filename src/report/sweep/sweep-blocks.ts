import { curvesOf, otherAxes } from '../../result/curves.js';
import type { BenchResult, Coordinates, Row, SweepRecord } from '../../result/schema.js';
import { formatInterval, formatNs } from '../../result/units.js';
import { iterationOf } from '../answer.js';
import type { Block, Note } from '../document.js';
import { coordinatesText, words } from './sentences.js';
import { sweepPlots } from './sweep-plots.js';
import { sweepTable } from './sweep-table.js';

/** A skipped point is named individually up to this many. */
const MOST_NAMED = 6;

/** One sweep: a table per combination of the other axes, a plot, the overheads, and what is missing. */
export function sweepBlocks(
  sweep: SweepRecord,
  { rows: all, devices }: Pick<BenchResult, 'rows' | 'devices'>,
  details: boolean,
): Block[] {
  const { workload, over } = sweep;
  const rows = all.filter((row) => row.workload === workload && row.point);
  if (rows.length === 0 && sweep.skipped.length === 0) return [];
  const software = new Set(devices.filter(({ kind }) => kind === 'software').map(({ id }) => id));
  const tables = groupsOf(rows, over).map(({ at, rows: group }): Block[] => {
    const [{ kernels, mode }] = group;
    const detail = [
      coordinatesText(at),
      fixedText(group, sweep),
      details && mode,
      kernels && `${kernels} kernels`,
    ].filter(Boolean);
    return [
      { kind: 'heading', level: 1, text: workload, detail: detail.join(', ') },
      sweepTable(group, sweep, software),
    ];
  });
  return [
    ...tables.flat(),
    ...sweepPlots(sweep, over === undefined ? [] : curvesOf(rows, over), details),
    ...overheadFacts(sweep),
    ...failureNotes(rows),
    ...skippedNotes(sweep),
  ];
}

/** The rows of each table: the curve axis goes down, all other axes are fixed. */
function groupsOf(rows: readonly Row[], over: string | undefined) {
  const groups = new Map<string, { at: Coordinates; rows: Row[] }>();
  for (const row of rows) {
    // Without a curve axis, one table holds all points.
    const at = over === undefined ? {} : otherAxes(row, over);
    const key = JSON.stringify(at);
    const group = groups.get(key) ?? { at, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The sizes that are the same in all rows: `image 28, filters 32, f32`. */
function fixedText(rows: readonly Row[], { axes }: SweepRecord): string {
  const [{ params, dtype }] = rows;
  const names = axes.map(({ name }) => name);
  const fixed = Object.entries(params).filter(([name, value]) => {
    const isSame = rows.every((row) => JSON.stringify(row.params[name]) === JSON.stringify(value));
    return isSame && !names.includes(name) && name !== 'data' && name !== 'learningRate';
  });
  const texts = fixed.map(([name, value]) => {
    return `${words(name)} ${Array.isArray(value) ? value.join('x') : value}`;
  });
  return [...texts, ...(names.includes('dtype') ? [] : [dtype])].join(', ');
}

/** The fixed cost of an iteration, per device. */
function overheadFacts({ curves, workload }: SweepRecord): Block[] {
  const texts = curves.flatMap(({ device, at, overhead }) => {
    if (!overhead) return [];
    const where = [device, coordinatesText(at)].filter(Boolean).join(', ');
    return [`${where} ${formatNs(overhead.ns)} ${formatInterval(overhead.ns, overhead.interval)}`];
  });
  if (texts.length === 0) return [];
  const value = `${texts.join('; ')} per ${iterationOf(workload)}, however small`;
  return [{ kind: 'facts', facts: [{ label: 'Overhead', value }] }];
}

/** Failures with the same reason are one note, with the sizes that they concern. */
function failureNotes(rows: readonly Row[]): Note[] {
  const byReason = new Map<string, Row[]>();
  for (const row of rows.filter(({ state }) => state !== 'measured')) {
    const key = JSON.stringify([row.device, row.state, row.error?.message]);
    byReason.set(key, [...(byReason.get(key) ?? []), row]);
  }
  return [...byReason.values()].map((group) => {
    const [{ device, state, error }] = group;
    const where = named(group.map(({ point = {} }) => coordinatesText(point)));
    const verb = state === 'wrong' || state === 'unsupported' ? `is ${state}` : FAILED[state];
    return {
      kind: 'note',
      tone: state === 'interrupted' ? 'doubtful' : 'bad',
      text: `${device} ${verb} at ${where}: ${error?.message ?? 'no reason is known.'}`,
      ...(error?.advice && { advice: error.advice }),
    };
  });
}

const FAILED = {
  failed: 'failed',
  interrupted: 'was interrupted',
  implausible: 'is not plausible',
  measured: 'was measured',
} as const;

/** What was not measured, by reason. */
function skippedNotes({ skipped }: SweepRecord): Note[] {
  const byReason = new Map<string, string[]>();
  for (const { at, device, reason, code } of skipped) {
    // A reason of a device's own names sizes: only its code is shared.
    const key = JSON.stringify(code === 'memory' ? [code, device] : [code, reason]);
    byReason.set(key, [...(byReason.get(key) ?? []), coordinatesText(at)]);
  }
  return [...byReason].map(([key, where]) => {
    const [code, about] = JSON.parse(key) as [string, string | undefined];
    const first = skipped.find(
      (point) => point.code === code && (code !== 'memory' || point.device === about),
    );
    const reason = code === 'memory' ? first?.reason : about;
    return {
      kind: 'note',
      tone: code === 'interrupted' || code === 'budget' ? 'doubtful' : 'plain',
      text: `Not measured: ${named(where)}: ${String(reason).replace(/\.$/, '')}.`,
      ...(code === 'budget' && { advice: 'Use a longer --budget or a coarser step.' }),
    };
  });
}

function named(places: readonly string[]): string {
  const shown = places.slice(0, MOST_NAMED).join('; ');
  const more = places.length - MOST_NAMED;
  return more > 0 ? `${shown}; and ${more.toLocaleString('en-US')} more` : shown;
}
