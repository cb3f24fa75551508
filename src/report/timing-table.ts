import type { Row } from '../result/schema.js';
import { formatInterval, formatNs, formatPercent, formatRate, formatSi } from '../result/units.js';
import { type Cell, type ColumnOf, type Table, type Tone, tableOf } from './document.js';

type Summary = NonNullable<Row['measurement']>['wall'];

/** The rows of one workload at the same sizes, in the columns of the timing table. */
export function timingTable(rows: readonly Row[], softwareIds: ReadonlySet<string>): Table {
  const over = rows.find(({ speedup }) => speedup)?.speedup?.over;
  const unit = rows[0]?.work.itemUnit ?? 'items';
  const hasTf32 = rows.some(({ tf32 }) => tf32);
  return tableOf(rows, columns(unit, over, softwareIds, hasTf32));
}

function columns(
  unit: string,
  over: string | undefined,
  softwareIds: ReadonlySet<string>,
  hasTf32: boolean,
): ColumnOf<Row>[] {
  return [
    { header: 'device', align: 'left', cell: ({ device }) => ({ text: device, tone: 'strong' }) },
    {
      header: 'products',
      align: 'left',
      cell: ({ tf32, dtype }) => (hasTf32 ? productsCell(tf32, dtype) : undefined),
    },
    { header: 'verified', align: 'left', cell: verified },
    { header: 'wall time', align: 'right', cell: ({ measurement }) => time(measurement?.wall) },
    {
      header: 'device time',
      align: 'right',
      cell: ({ measurement }) => time(measurement?.device),
    },
    {
      header: `speedup over ${over}`,
      align: 'right',
      cell: (row) => speedupCell(row, softwareIds),
    },
    {
      header: `${unit}/s`,
      align: 'right',
      breakBefore: true,
      cell: ({ rates }) => rates && formatSi(rates.itemsPerS),
    },
    { header: 'GFLOP/s', align: 'right', cell: ({ rates }) => rates && formatRate(rates.gflops) },
    { header: 'GB/s', align: 'right', cell: ({ rates }) => rates && formatRate(rates.gbPerS) },
    { header: 'of roofline', align: 'right', cell: roofline },
    {
      header: 'noise',
      align: 'right',
      cell: ({ measurement }) => measurement && formatPercent(measurement.wall.noise),
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
}

/** Results with TF32 products stand out: they are not strict f32. */
function productsCell(tf32: boolean | undefined, dtype: string): Cell {
  return tf32 ? { text: 'TF32', tone: 'doubtful' } : { text: `strict ${dtype}`, tone: 'plain' };
}

function verified({ verification, state }: Row): Cell {
  if (verification === undefined) return { text: state === 'measured' ? 'no' : state, tone: 'bad' };
  return verification.ok ? { text: 'yes', tone: 'good' } : { text: 'WRONG', tone: 'bad' };
}

function time(summary: Summary | undefined): string | undefined {
  if (summary === undefined) return undefined;
  return `${formatNs(summary.median)} ${formatInterval(summary.median, summary.interval)}`;
}

function speedupCell({ speedup, device }: Row, softwareIds: ReadonlySet<string>): Cell | undefined {
  if (speedup === undefined) return undefined;
  const text = `${formatRate(speedup.value)}× ${formatInterval(speedup.value, speedup.interval)}`;
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
