import { largest, smallest } from '../../measure/extremes.js';
import type { BenchResult, DeviceInfo, Row } from '../../result/schema.js';
import { formatPercent, formatSi } from '../../result/units.js';
import { sizeText } from '../plot-scale.js';
import { chart, figure, legendOf, mark, placesOf, round, seriesClass, WIDE } from './frame.js';
import { type Html, html, lines } from './markup.js';

/** What bounds a device: GB/s of its memory and GFLOP/s of its arithmetic. */
interface Roof {
  readonly gbPerS: number;
  readonly gflops: number;
  /** Specified by its maker, or reached by `add` and `linear` in this result. */
  readonly source: 'specified' | 'measured';
}

/** More rows than this of one device and workload are thinned out: a sweep has hundreds. */
const MOST_POINTS = 12;

/**
 * The roofline plot: arithmetic intensity against the FLOP/s reached, below the limits of each device (S. Williams, A. Waterman
 * and D. Patterson, Communications of the ACM 52 (2009)).
 */
export function rooflineFigure(
  { rows, devices }: BenchResult,
  colorOf: (device: string) => number,
): Html {
  const measured = rows.filter(
    (row) => row.state === 'measured' && row.rates && row.work.bytes > 0,
  );
  const roofs = devices.flatMap((device) => {
    const own = measured.filter((row) => row.device === device.id);
    const roof = own.length > 0 ? roofOf(device, own) : undefined;
    return roof ? [{ device, roof, rows: thinned(own) }] : [];
  });
  if (roofs.length === 0) return html``;
  const points = roofs.flatMap(({ rows: own }) => own);
  const ridges = roofs.map(({ roof }) => roof.gflops / roof.gbPerS);
  const intensities = [...points.map(intensityOf), ...ridges];
  const [low, high] = [smallest(intensities) / 4, largest(intensities) * 4];
  const places = placesOf(WIDE, {
    x: [low, high],
    y: [
      ...points.map(({ rates }) => rates?.gflops ?? 1),
      ...roofs.map(({ roof }) => roof.gflops),
      ...roofs.map(({ roof }) => Math.min(roof.gflops, roof.gbPerS * low)),
    ],
  });
  const drawn = html`${roofs.map(({ device, roof }) => roofLine(roof, [low, high], places, colorOf(device.id)))}${roofs.map(
    ({ device, roof, rows: own }) =>
      html`<g class="curve ${seriesClass(colorOf(device.id))}">${own.map((row) => point(row, roof, places, colorOf(device.id)))}</g>`,
  )}${names(points, places)}`;
  const labels = {
    x: 'FLOP per byte',
    xTicks: places
      .xTicks(6)
      .map((value) => ({ at: places.x(value), text: String(Number(value.toPrecision(2))) })),
    yTicks: places.yTicks(6).map((value) => ({ at: places.y(value), text: formatSi(value * 1e9) })),
  };
  const legend = legendOf(
    roofs.map(({ device, roof }) => {
      const limits = `${formatSi(roof.gbPerS * 1e9)}B/s, ${formatSi(roof.gflops * 1e9)}FLOP/s ${roof.source}`;
      return { name: `${device.id}: ${limits}`, index: colorOf(device.id) };
    }),
  );
  const summary = `Roofline of ${roofs.map(({ device }) => device.id).join(', ')}: the tables have the values.`;
  return figure(
    'Roofline',
    chart(places, labels, summary, drawn),
    legend,
    'FLOP/s reached, below what memory and arithmetic allow',
  );
}

function intensityOf({ work }: Row): number {
  return work.flops / work.bytes;
}

/** The maker's limits, else the best that the memory-bound and the arithmetic-bound workload reached here. */
function roofOf({ peak }: DeviceInfo, rows: readonly Row[]): Roof | undefined {
  const [{ dtype, tf32 }] = rows;
  const gflops = peak?.gflops?.[tf32 ? 'tf32' : dtype];
  if (peak?.gbPerS && gflops) return { gbPerS: peak.gbPerS, gflops, source: 'specified' };
  const best = (workload: string, rate: 'gbPerS' | 'gflops') => {
    const own = rows.filter((row) => row.workload === workload);
    return largest(own.map(({ rates }) => rates?.[rate] ?? 0));
  };
  const [memory, arithmetic] = [best('add', 'gbPerS'), best('linear', 'gflops')];
  if (!(memory > 0) || !(arithmetic > 0)) return undefined;
  return { gbPerS: memory, gflops: arithmetic, source: 'measured' };
}

function thinned(rows: readonly Row[]): Row[] {
  const workloads = [...new Set(rows.map(({ workload }) => workload))];
  return workloads.flatMap((workload) => {
    const own = rows.filter((row) => row.workload === workload);
    const every = Math.ceil(own.length / MOST_POINTS);
    return own.filter((_, i) => (own.length - 1 - i) % every === 0);
  });
}

function roofLine(
  { gbPerS, gflops, source }: Roof,
  [low, high]: readonly [number, number],
  { x, y }: ReturnType<typeof placesOf>,
  color: number,
): Html {
  const ridge = gflops / gbPerS;
  const path = `M${x(low)} ${y(gbPerS * low)}L${x(ridge)} ${y(gflops)}H${x(high)}`;
  const tip = `${formatSi(gbPerS * 1e9)}B/s up to ${ridge.toPrecision(3)} FLOP per byte,\nthen ${formatSi(gflops * 1e9)}FLOP/s (${source})`;
  return html`<path class="roof ${source} ${seriesClass(color)}" d="${path}" data-tip="${lines(tip)}"/>`;
}

function point(
  row: Row,
  { gbPerS, gflops }: Roof,
  { x, y }: ReturnType<typeof placesOf>,
  color: number,
): Html {
  const reached = row.rates?.gflops ?? 0;
  const intensity = intensityOf(row);
  const share = reached / Math.min(gflops, gbPerS * intensity);
  const sizes = Object.values(row.point ?? {}).map((value) =>
    typeof value === 'number' ? sizeText(value) : value,
  );
  const name = [row.workload, ...sizes].join(' ');
  const tip = `${name} on ${row.device}: ${formatSi(reached * 1e9)}FLOP/s\n${formatPercent(share)} of the roof at ${intensity.toPrecision(3)} FLOP per byte`;
  return mark(color, x(intensity), y(reached), tip, 5);
}

/** Each workload once, below its lowest point: its points stand above each other. */
function names(rows: readonly Row[], { x, y, frame }: ReturnType<typeof placesOf>): Html {
  const workloads = [...new Set(rows.map(({ workload }) => workload))];
  return html`${workloads.map((workload) => {
    const own = rows.filter((row) => row.workload === workload);
    const lowest = largest(own.map(({ rates }) => y(rates?.gflops ?? 1)));
    const below = Math.min(lowest + 20, frame.height - frame.bottom - 5);
    return html`<text x="${x(intensityOf(own[0]))}" y="${round(below)}" text-anchor="middle">${workload}</text>`;
  })}`;
}
