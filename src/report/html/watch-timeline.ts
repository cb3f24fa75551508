import { line } from 'd3-shape';
import { largest } from '../../measure/extremes.js';
import type { WatchPoint, WatchRecord } from '../../result/schema.js';
import { formatBytes, formatPercent, formatRate } from '../../result/units.js';
import { linearAxis } from '../plot-scale.js';
import { chart, figure, legendOf, placesOf, seriesClass, WIDE } from './frame.js';
import { type Html, html } from './markup.js';

const FRAME = { ...WIDE, width: 900, height: 190 };
const MOST_TICKS = 8;

interface Series {
  readonly name: string;
  /** Undefined where nothing was read. */
  value(point: WatchPoint): number | undefined;
}

interface Chart {
  readonly title: string;
  readonly note?: string;
  readonly series: readonly Series[];
  format(value: number): string;
  /** A share of the time goes from 0 to 1. */
  readonly top?: number;
}

/** Utilization, memory, CPU, clock and power over time, one chart each; none where nothing was read. */
export function watchTimeline(result: WatchRecord): Html {
  const { timeline } = result;
  if (timeline.length < 2) return html``;
  const drawn = chartsOf(result).flatMap((one) => drawChart(one, timeline) ?? []);
  return html`<div class="figures wide">${drawn}</div>`;
}

function chartsOf({ devices }: WatchRecord): Chart[] {
  type Use = WatchPoint['devices'][number];
  const ofDevices = (suffix: string, read: (use: Use) => number | undefined): Series[] =>
    devices.map(({ id }, i) => ({
      name: `${id}${suffix}`,
      value: ({ devices: uses }) => uses[i] && read(uses[i]),
    }));
  const isShared = devices.some(({ scope, others = 0 }) => scope !== 'device' && others > 0);
  return [
    {
      title: 'GPU utilization',
      top: 1,
      format: formatPercent,
      series: [
        ...ofDevices('', ({ used, busy }) => used ?? busy),
        ...(isShared ? ofDevices(' (all processes)', ({ busy }) => busy) : []),
      ],
    },
    {
      title: 'CPUs in use',
      format: formatRate,
      series: [{ name: 'CPUs', value: ({ cpus }) => cpus }],
    },
    {
      title: 'GPU memory',
      format: formatBytes,
      series: ofDevices('', (use) => use.memoryBytes ?? use.deviceMemoryBytes),
    },
    {
      title: 'Memory',
      note: 'resident; what processes share counts in each',
      format: formatBytes,
      series: [{ name: 'memory', value: ({ memoryBytes }) => memoryBytes }],
    },
    {
      title: 'GPU clock',
      format: (value) => `${Math.round(value).toLocaleString('en-US')} MHz`,
      series: ofDevices('', ({ clockMHz }) => clockMHz),
    },
    {
      title: 'GPU power',
      format: (value) => `${formatRate(value)} W`,
      series: ofDevices('', ({ powerW }) => powerW),
    },
  ];
}

function drawChart(one: Chart, points: readonly WatchPoint[]): Html | undefined {
  const series = one.series
    .map((own, index) => ({ ...own, index }))
    .filter(({ value }) => points.some((point) => value(point) !== undefined));
  const values = series.flatMap(({ value }) => points.flatMap((point) => value(point) ?? []));
  if (values.length === 0) return undefined;
  const times = points.map(({ atS }) => atS);
  const lastS = times[times.length - 1];
  const places = placesOf(
    FRAME,
    { x: times, y: values },
    { x: linearAxis(0, lastS), y: linearAxis(0, one.top ?? (largest(values) * 1.08 || 1)) },
  );
  const drawn = series.map(({ value, index }) => {
    const path = line<WatchPoint>()
      .defined((point) => value(point) !== undefined)
      .x(({ atS }) => places.x(atS))
      .y((point) => places.y(value(point) ?? 0))
      .digits(1)([...points]);
    return html`<g class="curve ${seriesClass(index)}"><path class="line" d="${path ?? ''}"/></g>`;
  });
  const labels = {
    x: 'seconds',
    xTicks: places.xTicks(MOST_TICKS).map((s) => ({ at: places.x(s), text: String(s) })),
    yTicks: places.yTicks(4).map((value) => ({ at: places.y(value), text: one.format(value) })),
  };
  const summary = `${one.title} over ${lastS.toFixed(1)} s: at most ${one.format(largest(values))}`;
  const legend = series.length > 1 ? legendOf(series) : undefined;
  return figure(one.title, chart(places, labels, summary, html`${drawn}`), legend, one.note);
}
