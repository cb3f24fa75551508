import { disturbanceText } from '../measure/disturbance-text.js';
import { largest } from '../measure/extremes.js';
import type { DeviceInfo, Row } from '../result/schema.js';
import { formatInterval, formatNs, formatPercent, formatRate, formatSi } from '../result/units.js';
import { iterationOf } from './answer.js';
import { type Cell, type ColumnOf, type Table, type Tone, tableOf } from './document.js';
import { sizesText } from './sizes.js';

/**
 * The rows of one workload at the same sizes.
 * @param details also device times, rates of arithmetic and memory, noise and samples
 */
export function timingTable(
  rows: readonly Row[],
  softwareIds: ReadonlySet<string>,
  details: boolean,
): Table {
  const over = rows.find(({ speedup }) => speedup)?.speedup?.over;
  const [first] = rows;
  const hasTf32 = rows.some(({ tf32 }) => tf32);
  const head: ColumnOf<Row>[] = [
    { header: 'device', align: 'left', cell: deviceCell },
    {
      header: 'products',
      align: 'left',
      cell: ({ tf32, dtype }) => (hasTf32 ? productsCell(tf32, dtype) : undefined),
    },
    {
      header: `time per ${iterationOf(first?.workload ?? '')}`,
      align: 'right',
      cell: ({ measurement }) => time(measurement, 'wall'),
    },
    {
      header: `${first?.work.itemUnit ?? 'items'}/s`,
      align: 'right',
      cell: ({ rates }) => rates && formatSi(rates.itemsPerS),
    },
    { header: `vs ${over}`, align: 'right', cell: (row) => speedupCell(row, softwareIds) },
    { header: 'together', align: 'right', cell: togetherCell },
    { header: 'of peak', align: 'right', cell: roofline },
    { header: 'verified', align: 'left', cell: verified },
    { header: 'note', align: 'left', wraps: true, cell: disturbed },
  ];
  return tableOf(rows, [...head, ...(details ? DETAILS : [barColumn(rows)])]);
}

/** The rows of all workloads in one table. */
export function comparisonTable(rows: readonly Row[], devices: readonly DeviceInfo[]): Table {
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const software = new Set(devices.filter(({ kind }) => kind === 'software').map(({ id }) => id));
  const over = rows.find(({ speedup }) => speedup)?.speedup?.over;
  return tableOf(rows, [
    { header: 'workload', align: 'left', cell: ({ workload }) => workload },
    { header: 'sizes', align: 'left', cell: ({ params }) => sizesText(params) },
    {
      header: 'dtype',
      align: 'left',
      cell: ({ dtype, tf32 }) => (tf32 ? `${dtype}, TF32 products` : dtype),
    },
    { header: 'device', align: 'left', cell: deviceCell },
    { header: 'name', align: 'left', cell: ({ device }) => names.get(device) },
    { header: 'kernels', align: 'left', cell: ({ kernels }) => kernels },
    { header: 'time', align: 'right', cell: ({ measurement }) => time(measurement, 'wall') },
    {
      header: 'rate',
      align: 'right',
      cell: ({ rates, work }) => rates && `${formatSi(rates.itemsPerS)} ${work.itemUnit}/s`,
    },
    { header: `vs ${over}`, align: 'right', cell: (row) => speedupCell(row, software) },
    { header: 'of peak', align: 'right', cell: roofline },
    { header: 'verified', align: 'left', cell: verified },
    { header: 'note', align: 'left', cell: disturbed },
  ]);
}

const DETAILS: readonly ColumnOf<Row>[] = [
  {
    header: 'device time',
    align: 'right',
    breakBefore: true,
    cell: ({ measurement }) => time(measurement, 'device'),
  },
  {
    header: 'FLOP/s',
    align: 'right',
    cell: ({ rates }) => rates && formatSi(rates.gflops * 1e9),
  },
  {
    header: 'bytes/s',
    align: 'right',
    cell: ({ rates }) => rates && formatSi(rates.gbPerS * 1e9),
  },
  {
    header: 'noise',
    align: 'right',
    cell: ({ measurement }) => measurement && formatPercent(measurement.wall.noise),
  },
  {
    header: 'runs',
    align: 'right',
    cell: ({ measurement }) => measurement?.runs.length.toString(),
  },
  {
    header: 'samples',
    align: 'right',
    cell: ({ measurement }) => measurement?.wall.samples.toLocaleString('en-US'),
  },
  { header: 'stopped by', align: 'left', cell: ({ measurement }) => measurement?.stoppedBy },
  {
    header: 'min',
    align: 'right',
    dispensable: true,
    cell: ({ measurement }) => measurement && formatNs(measurement.wall.min),
  },
  {
    header: 'p90',
    align: 'right',
    dispensable: true,
    cell: ({ measurement }) => measurement && formatNs(measurement.wall.p90),
  },
];

const BAR_WIDTH = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Speed as a bar, the fastest device full; a single row needs none. */
function barColumn(rows: readonly Row[]): ColumnOf<Row> {
  const speedOf = ({ state, measurement }: Row) => {
    return state === 'measured' && measurement ? 1 / measurement.wall.median : 0;
  };
  const fastest = largest(rows.map(speedOf));
  const isComparison = rows.filter((row) => speedOf(row) > 0).length > 1;
  return {
    header: '',
    align: 'left',
    dispensable: true,
    cell: (row) => {
      if (!isComparison || !(fastest > 0)) return undefined;
      const eighths = Math.round((speedOf(row) / fastest) * BAR_WIDTH * 8);
      return { text: '█'.repeat(eighths >> 3) + EIGHTHS[eighths % 8], tone: 'quiet' };
    },
  };
}

/** `webgpu:0 -> cpu:0` where every op ran on another device. */
function deviceCell({ device, placement }: Row): Cell {
  const placed = [...new Set(placement.map((op) => op.placed))];
  if (placed.length === 0 || placed.includes(device)) return { text: device, tone: 'strong' };
  return { text: `${device} -> ${placed.join(', ')}`, tone: 'doubtful' };
}

/** Results with TF32 products stand out: they are not strict f32. */
function productsCell(tf32: boolean | undefined, dtype: string): Cell {
  return tf32 ? { text: 'TF32', tone: 'doubtful' } : { text: `strict ${dtype}`, tone: 'plain' };
}

/** The time beside the other devices, and how much longer that is than alone. */
function togetherCell({ together }: Row): Cell | undefined {
  if (!together) return undefined;
  const { wall, ratio, interval } = together;
  const tone: Tone = (interval?.[0] ?? ratio) > 1.05 ? 'doubtful' : 'plain';
  return { text: `${formatNs(wall.median)} (${ratio.toFixed(2)}x)`, tone };
}

function verified({ verification, state, device, placement }: Row): Cell {
  if (verification === undefined) return { text: state === 'measured' ? 'no' : state, tone: 'bad' };
  const ranHere = placement.length === 0 || placement.some(({ placed }) => placed === device);
  if (!verification.ok) return { text: 'WRONG', tone: 'bad' };
  const { run = 1, checked = 1 } = verification.iterations ?? {};
  // "3 of 1,000 iterations" claims no more than was compared.
  const [some, all] = [checked, run].map((count) => count.toLocaleString('en-US'));
  const text = checked < run ? `${some} of ${all} iterations` : 'yes';
  return { text, tone: ranHere ? 'good' : 'doubtful' };
}

/** The times of a disturbed row estimate nothing: they get no interval. */
function time(measurement: Row['measurement'], clock: 'wall' | 'device'): string | undefined {
  const summary = measurement?.[clock];
  if (summary === undefined) return undefined;
  const interval = measurement?.disturbance?.unreliable ? undefined : summary.interval;
  return `${formatNs(summary.median)} ${formatInterval(summary.median, interval)}`;
}

function disturbed({ measurement }: Row): Cell | undefined {
  const text = disturbanceText(measurement?.disturbance, true);
  return text === undefined ? undefined : { text: `disturbed: ${text}`, tone: 'doubtful' };
}

function speedupCell({ speedup, device }: Row, softwareIds: ReadonlySet<string>): Cell | undefined {
  if (speedup === undefined) return undefined;
  const text = `${formatRate(speedup.value)}x ${formatInterval(speedup.value, speedup.interval)}`;
  return { text, tone: softwareIds.has(device) ? 'quiet' : speedupTone(speedup.interval) };
}

function speedupTone(interval: readonly [number, number] | undefined): Tone {
  if (interval === undefined) return 'plain';
  if (interval[0] > 1) return 'good';
  return interval[1] < 1 ? 'bad' : 'plain';
}

function roofline({ rates }: Row): string | undefined {
  if (rates?.rooflineShare === undefined) return undefined;
  return formatPercent(rates.rooflineShare);
}
