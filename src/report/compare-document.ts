import type { ComparedRow, CompareResult, Difference, Verdict } from '../result/schema.js';
import { formatLonger, formatNs, formatPercent } from '../result/units.js';
import { type Block, type ColumnOf, type Document, type Tone, tableOf } from './document.js';
import { type NameOf, namesOf, signedPercent } from './row-names.js';
import { warningBlocks } from './warnings-section.js';

/** What `mpsbench compare` says: the answer, the table, then likely causes and what was refused. */
export function compareDocument(
  result: CompareResult,
  { details = false }: { readonly details?: boolean } = {},
): Document {
  return [
    { kind: 'text', text: comparisonAnswer(result.rows) },
    ...comparisonBlocks(result, details),
    {
      kind: 'facts',
      facts: [
        { label: 'Base', value: sideText(result.base) },
        { label: 'New', value: sideText(result.new) },
        { label: 'Reproduce', value: result.reproduce, code: true },
      ],
    },
  ];
}

/** The table, then likely causes, what was refused, and doubts. */
export function comparisonBlocks(
  { rows, warnings }: Pick<CompareResult, 'rows' | 'warnings'>,
  details: boolean,
): Block[] {
  const judged = rows.filter(({ verdict }) => verdict !== 'not-comparable');
  const refused = rows.filter(({ verdict }) => verdict === 'not-comparable');
  const name = namesOf(rows);
  return [
    ...(judged.length > 0 ? [comparisonTable(judged, name, details)] : []),
    ...judged.flatMap((row) => failureNotes(row, name)),
    ...causeBlocks(judged, name),
    ...refusedBlocks(refused, name),
    ...warningBlocks(warnings),
  ];
}

/** The order in which verdicts are said, the worst first. */
const PHRASES = {
  wrong: (count) => `${count} became wrong`,
  slower: (count) => `${count} slower`,
  failed: (count) => `${count} failed in NEW`,
  unclear: (count) => `${count} unclear`,
  faster: (count) => `${count} faster`,
  same: (count) => `${count} the same`,
  'not-comparable': (count) => `${count} not comparable`,
} as const satisfies Record<Verdict, (count: number) => string>;

/** Rows that get a sentence of their own before the others are counted. */
const NAMED: readonly Verdict[] = ['wrong', 'slower', 'failed', 'faster'];
const MOST_NAMED = 3;

/** What changed, in a sentence or two. */
export function comparisonAnswer(rows: readonly ComparedRow[]): string {
  const name = namesOf(rows);
  if (rows.length === 0) return 'Nothing could be compared.';
  const changed = rows.filter(({ verdict }) => NAMED.includes(verdict));
  const sorted = NAMED.flatMap((verdict) => changed.filter((row) => row.verdict === verdict));
  const named = sorted.slice(0, MOST_NAMED).map((row) => `${name(row)} ${changeText(row)}.`);
  const rest = rows.filter((row) => !sorted.slice(0, MOST_NAMED).includes(row));
  const counts = Object.entries(PHRASES).flatMap(([verdict, phrase]) => {
    const count = rest.filter((row) => row.verdict === verdict).length;
    return count > 0 ? [phrase(count)] : [];
  });
  if (named.length === 0) return `No row is slower: ${counts.join(', ')}.`;
  return [...named, ...(counts.length > 0 ? [`Other rows: ${counts.join(', ')}.`] : [])].join(' ');
}

function changeText({ verdict, timeRatio }: ComparedRow): string {
  switch (verdict) {
    case 'wrong':
      return 'became wrong';
    case 'failed':
      return 'failed in NEW';
    case 'slower':
      return formatLonger(timeRatio?.value ?? 1);
    case 'faster':
      return `takes ${formatPercent(1 - (timeRatio?.value ?? 1))} less time`;
    default:
      return `is ${verdict}`;
  }
}

const VERDICT_TONES = {
  wrong: 'bad',
  slower: 'bad',
  failed: 'bad',
  unclear: 'doubtful',
  faster: 'good',
  same: 'plain',
  'not-comparable': 'quiet',
} as const satisfies Record<Verdict, Tone>;

function comparisonTable(
  rows: readonly ComparedRow[],
  name: NameOf,
  details: boolean,
): ReturnType<typeof tableOf> {
  const columns: ColumnOf<ComparedRow>[] = [
    {
      header: 'row',
      align: 'left',
      wraps: true,
      cell: (row) => ({ text: name(row), tone: 'strong' }),
    },
    {
      header: 'verdict',
      align: 'left',
      cell: ({ verdict, confirmed }) => ({
        text: confirmed ? `${verdict} (confirmed)` : verdict,
        tone: VERDICT_TONES[verdict],
      }),
    },
    { header: 'base', align: 'right', cell: ({ base }) => base && formatNs(base.timeNs) },
    { header: 'new', align: 'right', cell: (row) => row.new && formatNs(row.new.timeNs) },
    { header: 'time', align: 'right', cell: changeOf },
    { header: intervalHeader(rows), align: 'right', cell: intervalOf },
    { header: 'tolerance', align: 'right', cell: ({ tolerance }) => toleranceText(tolerance) },
  ];
  const more: ColumnOf<ComparedRow>[] = [
    {
      header: 'runs',
      align: 'right',
      breakBefore: true,
      cell: (row) => `${row.base?.runs ?? 0} / ${row.new?.runs ?? 0}`,
    },
    {
      header: 'samples',
      align: 'right',
      cell: (row) => `${row.base?.samples ?? 0} / ${row.new?.samples ?? 0}`,
    },
    { header: 'tolerance from', align: 'left', cell: ({ toleranceFrom }) => toleranceFrom },
    { header: 'why', align: 'left', wraps: true, cell: ({ why }) => why },
  ];
  return tableOf(rows, [...columns, ...(details ? more : [])]);
}

function changeOf({ timeRatio }: ComparedRow): string | undefined {
  return timeRatio && signedPercent(timeRatio.value);
}

/** `99 % interval`, or `interval` where single runs allow 95 % only. */
function intervalHeader(rows: readonly ComparedRow[]): string {
  const known = new Set(rows.flatMap(({ timeRatio }) => timeRatio?.confidence ?? []));
  const [confidence] = known;
  return known.size === 1 ? `${Math.round(confidence * 100)} % interval` : 'interval';
}

function intervalOf({ timeRatio }: ComparedRow): string | undefined {
  if (!timeRatio) return undefined;
  if (!timeRatio.interval) return '?';
  return timeRatio.interval.map(signedPercent).join(' to ');
}

function failureNotes(row: ComparedRow, name: NameOf): Block[] {
  if (row.verdict !== 'wrong' && row.verdict !== 'failed') return [];
  return [
    { kind: 'note', tone: 'bad', text: `${name(row)}: ${row.why}` },
    ...(row.reproduce
      ? [{ kind: 'note', tone: 'plain', text: `Reproduce: ${row.reproduce}` } as const]
      : []),
  ];
}

/** Each difference once, with the rows that it may explain where these are not all. */
function causeBlocks(rows: readonly ComparedRow[], name: NameOf): Block[] {
  const changed = rows.filter(({ verdict }) => verdict !== 'same');
  const concerned = changed.length > 0 ? changed : rows;
  const groups = groupDifferences(concerned, name);
  if (groups.length === 0) return [];
  return [
    { kind: 'heading', level: 1, text: changed.length > 0 ? 'Likely causes' : 'Differences' },
    tableOf(groups, [
      {
        header: 'what differs',
        align: 'left',
        wraps: true,
        cell: ({ difference }) => difference.fact,
      },
      { header: 'base', align: 'left', wraps: true, cell: ({ difference }) => difference.base },
      { header: 'new', align: 'left', wraps: true, cell: ({ difference }) => difference.new },
      {
        header: 'rows',
        align: 'left',
        wraps: true,
        cell: (group) => (group.rows.length === concerned.length ? '' : group.rows.join(', ')),
      },
    ]),
  ];
}

interface DifferenceGroup {
  readonly difference: Difference;
  readonly rows: string[];
}

function groupDifferences(rows: readonly ComparedRow[], name: NameOf): DifferenceGroup[] {
  const groups = new Map<string, DifferenceGroup>();
  for (const row of rows) {
    for (const difference of row.differences) {
      const key = JSON.stringify(difference);
      const group = groups.get(key) ?? { difference, rows: [] };
      group.rows.push(name(row));
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function refusedBlocks(rows: readonly ComparedRow[], name: NameOf): Block[] {
  if (rows.length === 0) return [];
  return [
    { kind: 'heading', level: 1, text: 'Not comparable' },
    ...rows.map(
      (row): Block => ({ kind: 'note', tone: 'doubtful', text: `${name(row)}: ${row.why}` }),
    ),
  ];
}

function sideText({ files }: CompareResult['base']): string {
  return files.map(({ name, startedAt }) => `${name} (${startedAt})`).join(', ');
}

/** `5 %`, as on the command line. */
const toleranceText = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
