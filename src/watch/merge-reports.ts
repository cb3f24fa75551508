import type { WatchedFramework } from '../result/schema.js';
import { known } from './averages.js';
import { type HookFramework, type HookReport, MOST_LINES, MOST_OPS } from './hook-report.js';

type Op = WatchedFramework['ops'][number];
type Transfer = WatchedFramework['transfers'][number];
type Wait = WatchedFramework['waits'][number];

const COUNTED = ['off', 'first-steps', 'all'] as const;

/** One record per framework and version, of all processes that imported it. */
export function mergeReports(reports: readonly HookReport[]): WatchedFramework[] {
  const groups = new Map<string, { report: HookReport; own: HookFramework }[]>();
  for (const report of reports) {
    for (const own of report.frameworks) {
      const key = JSON.stringify([own.framework, own.version]);
      groups.set(key, [...(groups.get(key) ?? []), { report, own }]);
    }
  }
  return [...groups.values()].map((members) => {
    const all = members.map(({ own }) => own);
    const wallNs = members.map(({ report }) => Math.max(0, report.writtenNs - report.startedNs));
    return {
      framework: all[0].framework,
      version: all[0].version,
      processes: members.length,
      scripts: distinct(members.flatMap(({ report }) => report.script ?? [])).slice(0, MOST_LINES),
      interpreters: distinct(members.flatMap(({ report }) => report.executable ?? [])).slice(
        0,
        MOST_LINES,
      ),
      wallNs: sum(wallNs),
      devices: distinct(all.flatMap(({ devices }) => devices)),
      availableDevices: distinct(all.flatMap(({ availableDevices }) => availableDevices)),
      counted: COUNTED[Math.max(...all.map(({ counted }) => COUNTED.indexOf(counted)))],
      countedNs: sum(all.map(({ countedNs }) => countedNs)),
      steps: sum(all.map(({ steps }) => steps)),
      countedSteps: sum(all.map(({ countedSteps }) => countedSteps)),
      ops: mergeOps(all.flatMap(({ ops }) => ops)),
      transfers: mergeTransfers(all.flatMap(({ transfers }) => transfers)),
      waits: mergeWaits(all.flatMap(({ waits }) => waits)),
      notes: mergeNotes(all.flatMap(({ notes }) => notes)),
    };
  });
}

function mergeOps(ops: readonly HookFramework['ops'][number][]): Op[] {
  const merged = combine(
    ops.map((op): Op => ({ ...op, timeNs: op.timeNs ?? null, fallback: op.fallback ?? null })),
    ({ op, device, dtype }) => [op, device, dtype],
    (a, b) => ({
      ...a,
      calls: a.calls + b.calls,
      timeNs: total(a.timeNs, b.timeNs),
      fallback: a.fallback ?? b.fallback,
    }),
  );
  return byWeight(merged).slice(0, MOST_OPS);
}

function mergeTransfers(transfers: readonly HookFramework['transfers'][number][]): Transfer[] {
  const merged = combine(
    transfers.map(
      ({ file, line, device, ...own }): Transfer => ({
        ...own,
        ...placeOf({ file, line }),
        ...(device && { device }),
        timeNs: own.timeNs ?? null,
        bytes: own.bytes ?? null,
      }),
    ),
    ({ direction, how, device, file, line }) => [direction, how, device, file, line],
    (a, b) => ({
      ...a,
      calls: a.calls + b.calls,
      timeNs: total(a.timeNs, b.timeNs),
      bytes: total(a.bytes, b.bytes),
    }),
  );
  return byWeight(merged).slice(0, MOST_LINES);
}

function mergeWaits(waits: readonly HookFramework['waits'][number][]): Wait[] {
  const merged = combine(
    waits.map(({ file, line, ...own }): Wait => ({ ...own, ...placeOf({ file, line }) })),
    ({ what, detail, file, line }) => [what, detail, file, line],
    (a, b) => ({ ...a, calls: a.calls + b.calls, timeNs: a.timeNs + b.timeNs }),
  );
  return byWeight(merged).slice(0, MOST_LINES);
}

function mergeNotes(notes: readonly HookFramework['notes'][number][]): WatchedFramework['notes'] {
  const merged = combine(
    notes.map(({ file, line, ...own }) => ({ ...own, ...placeOf({ file, line }) })),
    ({ code, text, file, line }) => [code, text, file, line],
    (a) => a,
  );
  return merged.slice(0, MOST_LINES);
}

/** What shares a key becomes one, in the order of the first of each. */
function combine<T>(all: readonly T[], keyOf: (one: T) => unknown[], add: (a: T, b: T) => T): T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const key = JSON.stringify(keyOf(one));
    const before = found.get(key);
    found.set(key, before === undefined ? one : add(before, one));
  }
  return [...found.values()];
}

interface Weighed {
  readonly calls: number;
  readonly timeNs: number | null;
}

/** The most time first, then the most calls. */
function byWeight<T extends Weighed>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => (b.timeNs ?? 0) - (a.timeNs ?? 0) || b.calls - a.calls);
}

function placeOf({ file, line }: { file?: string | null; line?: number | null }) {
  return known({ file: file ?? undefined, line: line ?? undefined });
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const distinct = (values: readonly string[]) => [...new Set(values)];

/** The sum of what is known of two; null where neither is. */
function total(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}
