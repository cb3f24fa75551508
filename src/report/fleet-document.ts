import type { FleetHost, FleetOutlier, FleetRecord } from '../result/schema.js';
import { formatBytes, formatNs, formatPercent } from '../result/units.js';
import {
  type Block,
  type ColumnOf,
  type Document,
  moreText,
  sectionOf,
  type Tone,
} from './document.js';
import { signedPercent } from './row-names.js';

/** Rows of a table that people read; the others are counted, and --details or JSON lists them. */
const SHOWN = 20;

/** What `mpsbench fleet` says: the answer, who is odd and why, who could not measure, the groups. */
export function fleetDocument(
  result: FleetRecord,
  { details = false }: { readonly details?: boolean } = {},
): Document {
  const { hosts, outliers, groups, warnings, reproduce } = result;
  const most = details ? Number.POSITIVE_INFINITY : SHOWN;
  return [
    { kind: 'text', text: fleetAnswer(result) },
    ...sectionOf('Unlike the others', outliers, OUTLIER_COLUMNS, { level: 1, most }),
    ...sectionOf('Hosts without a full result', hosts.filter(isUnsound), HOST_COLUMNS, {
      level: 1,
      most,
    }),
    ...sectionOf('Groups of like machines', groups, GROUP_COLUMNS, { level: 1, most }),
    ...notes(warnings, most),
    { kind: 'facts', facts: [{ label: 'Reproduce', value: reproduce, code: true }] },
  ];
}

const isUnsound = ({ state }: FleetHost) => state !== 'ok' && state !== 'outlier';

/** `398 of 400 hosts are like their group. node17 is 38 % slower in cnn (likely: power mode ...).` */
export function fleetAnswer({
  hosts,
  outliers,
  warnings = [],
}: Pick<FleetRecord, 'hosts' | 'outliers'> & Partial<Pick<FleetRecord, 'warnings'>>): string {
  if (hosts.length === 0) return 'No host has a result.';
  const count = (state: FleetHost['state']) => hosts.filter((host) => host.state === state).length;
  const alike = count('ok');
  if (hosts.length === 1 && hosts[0].state === 'ok') {
    return `${hosts[0].name} is the only host: there is nothing to compare it with.`;
  }
  const all = `All ${countText(hosts.length)} hosts are`;
  const some = `${countText(alike)} of ${countText(hosts.length)} hosts ${alike === 1 ? 'is' : 'are'}`;
  const slow = outliers.filter(({ slower }) => slower);
  const worst = worstOfEach(slow);
  const unnamed = worst.length - MOST_NAMED;
  const unread = warnings.filter(({ name }) => name === 'unreadable').length;
  const states = (['wrong', 'missing', 'unchecked'] as const).flatMap((state) => {
    const names = hosts.filter((host) => host.state === state).map(({ name }) => name);
    return names.length > 0 ? [`${PHRASES[state]}: ${shortList(names)}.`] : [];
  });
  return [
    `${alike === hosts.length ? all : some} sound and like the others of their kind.`,
    ...worst.slice(0, MOST_NAMED).map(slowText),
    ...(unnamed > 0 ? [`${countText(unnamed)} more ${unnamed === 1 ? 'is' : 'are'} slow.`] : []),
    ...states,
    ...(unread > 0
      ? [`${countText(unread)} ${unread === 1 ? 'input' : 'inputs'} could not be read.`]
      : []),
  ].join(' ');
}

const MOST_NAMED = 3;

/** The first of each host: the farthest come first. */
function worstOfEach(outliers: readonly FleetOutlier[]): FleetOutlier[] {
  const seen = new Set<string>();
  return outliers.filter(({ host }) => !seen.has(host) && seen.add(host));
}

/** `+20 %`, `-3 %`, and from twice as long on `3.0x`. */
export function changeText(change: number): string {
  return change < 1 ? signedPercent(1 + change) : `${(1 + change).toPrecision(2)}x`;
}

const countText = (count: number) => count.toLocaleString('en-US');

const PHRASES = {
  wrong: 'Wrong results',
  missing: 'Missing',
  unchecked: 'Could not measure',
} as const;

function slowText({ host, workload, device, change, causes }: FleetOutlier): string {
  const likely = causes.length > 0 ? ` (likely: ${causes.slice(0, 2).join('; ')})` : '';
  const by =
    change < 1 ? `${formatPercent(change)} longer` : `${(change + 1).toPrecision(2)}x as long`;
  return `${host} takes ${by} for ${workload} on ${device}${likely}.`;
}

function shortList(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  const first = names.slice(0, MOST_NAMED).join(', ');
  return rest > 0 ? `${first} and ${rest} more` : first;
}

/** Input that was left out, a sentence each. */
function notes(warnings: FleetRecord['warnings'], most: number): Block[] {
  const rest = warnings.length - most;
  return [
    ...warnings.slice(0, most).map(({ message, name }) => {
      return { kind: 'note', tone: 'doubtful', text: `${message} [${name}]` } as const;
    }),
    ...(rest > 0 ? [moreText(rest)] : []),
  ];
}

const OUTLIER_COLUMNS: readonly ColumnOf<FleetOutlier>[] = [
  { header: 'host', align: 'left', cell: ({ host }) => ({ text: host, tone: 'strong' }) },
  { header: 'device', align: 'left', cell: ({ device }) => device },
  { header: 'workload', align: 'left', cell: ({ workload }) => workload },
  { header: 'time', align: 'right', cell: ({ timeNs }) => formatNs(timeNs) },
  { header: 'median', align: 'right', cell: ({ groupMedianNs }) => formatNs(groupMedianNs) },
  {
    header: 'time vs median',
    align: 'right',
    cell: ({ change, slower }) => ({
      text: changeText(change),
      tone: slower ? 'bad' : 'doubtful',
    }),
  },
  { header: 'z', align: 'right', cell: ({ z }) => z.toFixed(1) },
  { header: 'likely causes', align: 'left', wraps: true, cell: ({ causes }) => causes.join('; ') },
];

const STATE_TONES = {
  ok: 'plain',
  outlier: 'doubtful',
  wrong: 'bad',
  unchecked: 'doubtful',
  missing: 'bad',
} as const satisfies Record<FleetHost['state'], Tone>;

const HOST_COLUMNS: readonly ColumnOf<FleetHost>[] = [
  { header: 'host', align: 'left', cell: ({ name }) => ({ text: name, tone: 'strong' }) },
  {
    header: 'state',
    align: 'left',
    cell: ({ state }) => ({ text: state, tone: STATE_TONES[state] }),
  },
  { header: 'why', align: 'left', wraps: true, cell: ({ why }) => why },
  { header: 'result', align: 'left', wraps: true, cell: ({ source }) => source },
];

const GROUP_COLUMNS: readonly ColumnOf<FleetRecord['groups'][number]>[] = [
  {
    header: 'chip',
    align: 'left',
    wraps: true,
    cell: ({ chip, cores }) => (cores ? `${chip}, ${cores} cores` : chip),
  },
  { header: 'memory', align: 'right', cell: ({ memoryBytes }) => formatBytes(memoryBytes) },
  { header: 'device', align: 'left', cell: ({ device }) => device },
  {
    header: 'workload',
    align: 'left',
    wraps: true,
    cell: ({ workload, sizes, dtype }) => `${workload}, ${sizes}, ${dtype}`,
  },
  { header: 'hosts', align: 'right', cell: ({ hosts }) => String(hosts) },
  { header: 'median', align: 'right', cell: ({ medianNs }) => formatNs(medianNs) },
  { header: 'half within', align: 'right', cell: ({ spread }) => `±${formatPercent(spread)}` },
  {
    header: 'slowest',
    align: 'right',
    cell: ({ highestNs, medianNs }) => changeText(highestNs / medianNs - 1),
  },
];
