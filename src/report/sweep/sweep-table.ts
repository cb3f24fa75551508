import type { Row, SweepRecord } from '../../result/schema.js';
import { formatInterval, formatNs, formatRate, formatSi } from '../../result/units.js';
import { type Cell, type ColumnOf, type Table, type Tone, tableOf } from '../document.js';
import { sizeText } from '../plot-scale.js';
import { words } from './sentences.js';

interface Line {
  readonly point: NonNullable<Row['point']>;
  readonly byDevice: ReadonlyMap<string, Row>;
}

/** Points down, devices across: time, speedup and rate of each. */
export function sweepTable(
  rows: readonly Row[],
  { over, axes, baseline }: SweepRecord,
  software: ReadonlySet<string>,
): Table {
  const lines = linesOf(rows);
  const devices = [...new Set(rows.map(({ device }) => device))];
  const names = over === undefined ? axes.map(({ name }) => name) : [over];
  const unit = rows[0]?.work.itemUnit ?? 'items';
  const columns: ColumnOf<Line>[] = [
    ...names.map((name) => ({
      header: words(name),
      align: 'right' as const,
      cell: ({ point }: Line): Cell => ({ text: valueText(point[name]), tone: 'strong' }),
    })),
    ...devices.flatMap((device, index) => deviceColumns(device, index, unit, baseline, software)),
  ];
  return tableOf(lines, columns);
}

function linesOf(rows: readonly Row[]): Line[] {
  const lines = new Map<string, { point: Line['point']; byDevice: Map<string, Row> }>();
  for (const row of rows) {
    const { point = {} } = row;
    const key = JSON.stringify(point);
    const line = lines.get(key) ?? { point, byDevice: new Map<string, Row>() };
    line.byDevice.set(row.device, row);
    lines.set(key, line);
  }
  return [...lines.values()];
}

function deviceColumns(
  device: string,
  index: number,
  unit: string,
  baseline: string | undefined,
  software: ReadonlySet<string>,
): ColumnOf<Line>[] {
  const cellOf = (write: (row: Row) => Cell | string | undefined) => {
    return ({ byDevice }: Line) => {
      const row = byDevice.get(device);
      return row && write(row);
    };
  };
  return [
    {
      header: device,
      align: 'right',
      breakBefore: index > 0,
      cell: cellOf(({ measurement, state }) => {
        if (state !== 'measured') return { text: state, tone: 'bad' };
        if (!measurement) return undefined;
        const { median, interval } = measurement.wall;
        return `${formatNs(median)} ${formatInterval(median, interval)}`;
      }),
    },
    {
      header: `vs ${baseline}`,
      align: 'right',
      cell: cellOf(({ speedup }) => speedup && speedupCell(speedup, software.has(device))),
    },
    {
      header: `${unit}/s`,
      align: 'right',
      dispensable: true,
      cell: cellOf(({ rates, state }) => {
        return state === 'measured' && rates ? formatSi(rates.itemsPerS) : undefined;
      }),
    },
  ];
}

function speedupCell({ value, interval }: NonNullable<Row['speedup']>, isSoftware: boolean): Cell {
  return { text: `${formatRate(value)}x`, tone: isSoftware ? 'quiet' : toneOf(interval) };
}

function toneOf(interval: readonly [number, number] | undefined): Tone {
  if (interval === undefined) return 'plain';
  if (interval[0] > 1) return 'good';
  return interval[1] < 1 ? 'bad' : 'plain';
}

function valueText(value: string | number | undefined): string {
  return typeof value === 'number' ? sizeText(value) : (value ?? '');
}
