import { isCpuDevice } from '../result/framework-devices.js';
import type { WatchedDevice, WatchedFramework, WatchRecord } from '../result/schema.js';
import { formatBytes, formatNs, formatPercent, formatRate } from '../result/units.js';
import { type Block, type ColumnOf, type Document, type Fact, sectionOf } from './document.js';
import { warningBlocks } from './warnings-section.js';
import { watchSentences } from './watch-sentences.js';

/** In less time, what sampling cost is chance. */
const SHORTEST_S = 1;
/** Lines of a table that people read; --details and JSON have them all. */
const SHOWN_LINES = 10;

/** What `mpsbench watch` says: the verdict, what it is made of, what to do. */
export function watchDocument(
  result: WatchRecord,
  { details = false }: { readonly details?: boolean } = {},
): Document {
  const { verdict, devices, frameworks, findings, warnings, hook } = result;
  const most = details ? Number.POSITIVE_INFINITY : SHOWN_LINES;
  return [
    { kind: 'text', text: verdict.message },
    ...watchSentences(result).map((text): Block => ({ kind: 'text', text })),
    ...sectionOf('GPUs', devices, DEVICE_COLUMNS, { level: 2, most }),
    ...frameworks.flatMap((own) => frameworkBlocks(own, frameworks.length > 1, most, details)),
    ...warningBlocks([...findings, ...warnings]),
    ...hook.errors.map(
      (text): Block => ({
        kind: 'note',
        tone: 'doubtful',
        text: `The hook failed: ${text} The program went on.`,
      }),
    ),
    { kind: 'facts', facts: factsOf(result) },
  ];
}

const DEVICE_COLUMNS: readonly ColumnOf<WatchedDevice>[] = [
  { header: 'device', align: 'left', cell: ({ id }) => id },
  { header: 'name', align: 'left', dispensable: true, cell: ({ name }) => name },
  {
    header: 'used',
    align: 'right',
    cell: ({ scope, usedShare }) =>
      scope === 'processes' || scope === 'alone' ? percent(usedShare) : '',
  },
  { header: 'busy (all)', align: 'right', cell: ({ busyShare }) => percent(busyShare) },
  { header: 'memory', align: 'right', cell: (device) => memoryText(device) },
  {
    header: 'clock',
    align: 'right',
    cell: ({ clockMHz }) => clockMHz && `${Math.round(clockMHz.mean)} MHz`,
  },
  {
    header: 'power',
    align: 'right',
    cell: ({ powerW }) => powerW && `${formatRate(powerW.mean)} W`,
  },
  {
    header: 'others',
    align: 'right',
    dispensable: true,
    cell: ({ others = 0 }) => (others > 0 ? String(others) : undefined),
  },
];

const percent = (share: number | undefined) =>
  share === undefined ? undefined : formatPercent(share);

/** Of the watched processes; of all where the driver does not tell. */
function memoryText({ memoryPeakBytes, deviceMemoryPeakBytes }: WatchedDevice): string | undefined {
  if (memoryPeakBytes !== undefined) return formatBytes(memoryPeakBytes);
  return deviceMemoryPeakBytes === undefined
    ? undefined
    : `${formatBytes(deviceMemoryPeakBytes)} (all)`;
}

function frameworkBlocks(
  own: WatchedFramework,
  isOneOfSeveral: boolean,
  most: number,
  details: boolean,
): Block[] {
  const suffix = isOneOfSeveral ? ` (${own.framework})` : '';
  return [
    ...sectionOf(
      `Lines that wait for the GPU or copy${suffix}`,
      own.transfers.filter(isTransfer),
      TRANSFER_COLUMNS,
      { level: 2, most },
    ),
    ...sectionOf(`Waiting for data${suffix}`, own.waits, WAIT_COLUMNS, { level: 2, most }),
    ...(details ? sectionOf(`Ops${suffix}`, own.ops, OP_COLUMNS, { level: 2, most }) : []),
  ];
}

/** On the CPU nothing is copied, and nothing is waited for. */
const isTransfer = ({ device }: WatchedFramework['transfers'][number]) =>
  device === undefined || !isCpuDevice(device);

interface Place {
  readonly file?: string;
  readonly line?: number;
}

const placeCell = ({ file, line }: Place) =>
  file && `${file}${line === undefined ? '' : `:${line}`}`;
const timeCell = ({ timeNs }: { readonly timeNs: number | null }) =>
  timeNs === null ? undefined : formatNs(timeNs);
const callsCell = ({ calls }: { readonly calls: number }) => calls.toLocaleString('en-US');

const DIRECTIONS = {
  'device-to-host': 'GPU to CPU',
  'host-to-device': 'CPU to GPU',
  synchronize: 'wait',
} as const satisfies Record<WatchedFramework['transfers'][number]['direction'], string>;

const TRANSFER_COLUMNS: readonly ColumnOf<WatchedFramework['transfers'][number]>[] = [
  { header: 'line', align: 'left', wraps: true, cell: (one) => placeCell(one) ?? '(unknown)' },
  { header: 'call', align: 'left', cell: ({ how }) => how },
  { header: 'what', align: 'left', cell: ({ direction }) => DIRECTIONS[direction] },
  { header: 'calls', align: 'right', cell: callsCell },
  { header: 'time', align: 'right', cell: timeCell },
  {
    header: 'copied',
    align: 'right',
    cell: ({ bytes }) => (bytes === null ? undefined : formatBytes(bytes)),
  },
];

const WAIT_COLUMNS: readonly ColumnOf<WatchedFramework['waits'][number]>[] = [
  { header: 'for', align: 'left', cell: ({ what }) => what },
  { header: 'settings', align: 'left', cell: ({ detail }) => detail },
  { header: 'line', align: 'left', wraps: true, cell: placeCell },
  { header: 'calls', align: 'right', cell: callsCell },
  { header: 'time', align: 'right', cell: timeCell },
];

const OP_COLUMNS: readonly ColumnOf<WatchedFramework['ops'][number]>[] = [
  { header: 'op', align: 'left', wraps: true, cell: ({ op }) => op },
  { header: 'device', align: 'left', cell: ({ device }) => device },
  { header: 'dtype', align: 'left', cell: ({ dtype }) => dtype },
  { header: 'calls', align: 'right', cell: callsCell },
  { header: 'time', align: 'right', cell: timeCell },
  { header: 'why', align: 'left', wraps: true, cell: ({ fallback }) => fallback ?? undefined },
];

function factsOf({ watched, sampling, hook, reproduce, required, verdict }: WatchRecord): Fact[] {
  const { cpuSeconds, seconds, processes, memoryPeakBytes } = watched;
  const used = [
    ...(cpuSeconds && processes
      ? [`${formatRate(cpuSeconds / seconds)} CPUs busy on average`]
      : []),
    ...(processes ? [processes === 1 ? '1 process' : `up to ${processes} processes`] : []),
    ...(memoryPeakBytes ? [`${formatBytes(memoryPeakBytes)} of memory`] : []),
  ].join(', ');
  const overhead = [
    ...(sampling.cpuSeconds === undefined || seconds < SHORTEST_S
      ? []
      : [`sampling ${formatPercent(sampling.cpuSeconds / seconds)} of a CPU`]),
    ...(hook.overhead === undefined ? [] : [`hook ${formatPercent(hook.overhead)} of the time`]),
  ].join(', ');
  return [
    ...(required
      ? [
          {
            label: 'Required',
            value: `${formatPercent(required.share)} of the time: ${required.state}`,
          },
        ]
      : []),
    ...(used ? [{ label: 'CPU', value: used }] : []),
    ...(overhead ? [{ label: 'Overhead', value: overhead }] : []),
    ...(sampling.problem && !verdict.message.includes(sampling.problem)
      ? [{ label: 'Sensors', value: sampling.problem }]
      : []),
    { label: 'Reproduce', value: reproduce, code: true },
  ];
}
