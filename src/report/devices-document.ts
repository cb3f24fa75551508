import { withRule } from '../errors.js';
import type { BackendRecord, DevicesResult, Warning } from '../result/schema.js';
import { formatBandwidth, formatBytes, formatFlops, formatNs } from '../result/units.js';
import { type Block, type ColumnOf, type Document, tableOf } from './document.js';
import { topologyBlocks } from './topology.js';
import { verifyHint } from './verify-hint.js';
import { warningBlocks } from './warnings-section.js';

export type DeviceRecord = DevicesResult['devices'][number];

/** The warning that `softwareNotes` replaces, so that it is not printed twice. */
export const SOFTWARE_WARNING = 'software-gpu';

export const KIND_LABELS = {
  gpu: 'GPU',
  integrated: 'integrated GPU',
  software: 'software GPU',
  cpu: 'CPU',
} as const satisfies Record<DeviceRecord['kind'], string>;

const COLUMNS: readonly ColumnOf<DeviceRecord>[] = [
  { header: 'device', align: 'left', cell: ({ id }) => ({ text: id, tone: 'strong' }) },
  { header: 'name', align: 'left', wraps: true, cell: ({ name }) => name },
  {
    header: 'kind',
    align: 'left',
    cell: ({ kind }) => ({
      text: KIND_LABELS[kind],
      tone: kind === 'software' ? 'doubtful' : 'plain',
    }),
  },
  {
    header: 'memory',
    align: 'right',
    cell: ({ memoryBytes }) => (memoryBytes ? formatBytes(memoryBytes) : undefined),
  },
  { header: 'dtypes', align: 'left', cell: ({ dtypes }) => dtypes.join(' ') },
  { header: 'engine', align: 'left', wraps: true, breakBefore: true, cell: engineOf },
  { header: 'API', align: 'left', wraps: true, cell: ({ api }) => api },
  { header: 'driver', align: 'left', wraps: true, cell: ({ driver }) => driver },
];

/** The output of `mpsbench devices`. */
export function devicesDocument(result: DevicesResult): Document {
  const { devices, backends, reproduce } = result;
  return [
    { kind: 'heading', level: 1, text: 'Devices' },
    devices.length > 0
      ? tableOf(devices, COLUMNS)
      : { kind: 'note', tone: 'bad', text: 'No device was found.' },
    ...softwareNotes(devices, result.warnings),
    ...unavailableBlocks(backends),
    ...topologyBlocks(devices),
    ...devices.flatMap(detailBlocks),
    ...warningBlocks(result.warnings.filter(({ name }) => name !== SOFTWARE_WARNING)),
    {
      kind: 'facts',
      facts: [
        ...verifyHint(backends, devices),
        { label: 'Reproduce', value: reproduce, code: true },
      ],
    },
  ];
}

/** `oneDNN 2.6.3, 2 threads`. */
export function engineOf({ engine, threads }: DeviceRecord): string | undefined {
  const count = threads && `${threads} thread${threads === 1 ? '' : 's'}`;
  return [engine, count].filter(Boolean).join(', ') || undefined;
}

/** One sentence per software GPU, with the advice of its warning, if any. */
export function softwareNotes(
  devices: readonly DeviceRecord[],
  warnings: readonly Warning[] = [],
): Block[] {
  const advice = warnings.find(({ name }) => name === SOFTWARE_WARNING)?.advice;
  return devices
    .filter(({ kind }) => kind === 'software')
    .map(({ id }) => ({
      kind: 'note',
      tone: 'doubtful',
      text: `${id} is a software GPU: it runs on the CPU, and its speed says nothing about a real GPU.`,
      ...(advice && { advice }),
    }));
}

function detailBlocks(device: DeviceRecord): Block[] {
  const { id, vendor, gpuCores, gpuFamily, maxBufferBytes, framework } = device;
  const { uuid, pciId, mig, numaNode, nearCpus } = device;
  const { engines = [], deviceClock, peak, details } = device;
  const resolution = deviceClock?.resolutionNs;
  const facts = [
    { label: 'vendor', value: vendor },
    { label: 'GPU cores', value: gpuCores?.toString() },
    { label: 'GPU family', value: gpuFamily },
    { label: 'UUID', value: uuid },
    { label: 'PCI id', value: pciId },
    { label: 'MIG', value: mig && migText(mig) },
    { label: 'NUMA node', value: numaNode?.toString() },
    { label: 'CPUs nearby', value: nearCpus },
    { label: 'largest buffer', value: maxBufferBytes && formatBytes(maxBufferBytes) },
    { label: 'modes', value: framework?.modes?.join(', ') },
    { label: 'engines', value: engines.length > 1 ? engines.join(', ') : undefined },
    {
      label: 'device clock',
      value:
        deviceClock &&
        `${deviceClock.source}${resolution ? `, steps of ${formatNs(resolution).replace(/\.?0+ /, ' ')}` : ''}`,
    },
    { label: 'peak', value: peak && peakOf(peak) },
    ...Object.entries(details).map(([label, value]) => ({ label, value: detailOf(value) })),
  ].flatMap(({ label, value }) => (value ? [{ label, value }] : []));
  if (facts.length === 0) return [];
  return [
    { kind: 'heading', level: 1, text: id },
    { kind: 'facts', facts },
  ];
}

/** `instance 7/0 of GPU-1010...`: GPU instance and compute instance, as `nvidia-smi` counts them. */
function migText({ parent, gpuInstance, computeInstance }: NonNullable<DeviceRecord['mig']>) {
  return `instance ${gpuInstance ?? '?'}/${computeInstance ?? '?'} of ${parent}, whose clocks and power it shares`;
}

function detailOf(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

function peakOf({ gbPerS, gflops = {}, source }: NonNullable<DeviceRecord['peak']>): string {
  const arithmetic = Object.entries(gflops).map(([dtype, rate]) => {
    return `${formatFlops(rate)} ${dtype}`;
  });
  const bandwidth = gbPerS ? [formatBandwidth(gbPerS)] : [];
  return `${[...bandwidth, ...arithmetic].join(', ')} (${source})`;
}

export function unavailableBlocks(backends: readonly BackendRecord[]): Block[] {
  const missing = backends.filter(({ state }) => state === 'unavailable');
  if (missing.length === 0) return [];
  return [
    { kind: 'heading', level: 1, text: 'Not available' },
    ...missing.map(({ id, reason = 'no reason is known', remedy, rule }): Block => {
      return {
        kind: 'note',
        tone: 'plain',
        text: withRule(`${id}: ${reason}`, rule),
        ...(remedy && { advice: remedy }),
      };
    }),
  ];
}
