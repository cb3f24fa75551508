import { area, line } from 'd3-shape';
import { formatInterval, formatNs, formatRate } from '../../result/units.js';
import type { Plot, PlotPoint, PlotSeries } from '../document.js';
import { sizeText, tickText } from '../plot-scale.js';
import {
  chart,
  figure,
  legendOf,
  mark,
  type Places,
  placesOf,
  seriesClass,
  WIDE,
} from './frame.js';
import { type Html, html, lines } from './markup.js';

/** Beyond this many points, marks would only cover each other. */
const MOST_MARKS = 60;

/** Curves over sizes with their intervals, and where each crosses the level. */
export function plotFigure(plot: Plot): Html {
  const series = plot.series.filter(({ points }) => points.length > 0);
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return html``;
  const places = placesOf(WIDE, {
    x: points.map(({ x }) => x),
    y: [...points.map(({ y }) => y), ...(plot.level === undefined ? [] : [plot.level])],
  });
  const sizes = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const drawn = html`${levelLine(plot, places)}${series.map((one, index) => crossing(one, index, places))}${series.map(
    (one, index) => curve(one, index, plot, places),
  )}`;
  const labels = {
    x: plot.x,
    xTicks: sizes.map((size) => ({ at: places.x(size), text: sizeText(size) })),
    yTicks: places
      .yTicks(7)
      .map((value) => ({ at: places.y(value), text: tickText(value, plot.y) })),
  };
  const summary = `${plot.title} over ${plot.x}, of ${series.map(({ name }) => name).join(', ')}; the table has the values.`;
  const legend = legendOf(
    series.map(({ name, color }, index) => ({ name, index: color ?? index })),
  );
  return figure(plot.title, chart(places, labels, summary, drawn), legend);
}

function levelLine({ level }: Plot, { frame, y }: Places): Html | undefined {
  if (level === undefined) return undefined;
  return html`<path class="level" d="M${frame.left} ${y(level)}H${frame.width - frame.right}"/>`;
}

/** The band of sizes in which the crossover lies. */
function crossing(
  { crossing: found, color, name }: PlotSeries,
  index: number,
  { frame, x }: Places,
) {
  if (!found) return html``;
  const [below, from] = found;
  const [left, right] = [x(below), x(from)];
  const width = Math.max(2, right - left);
  const tip = `${name}: crosses between ${sizeText(below)} and ${sizeText(from)}`;
  return html`<g class="crossing ${seriesClass(color ?? index)}"><rect x="${left}" y="${frame.top}" width="${width}" height="${
    frame.height - frame.bottom - frame.top
  }" data-tip="${lines(tip)}"/><text x="${left + width / 2}" y="${frame.top + 11 + 14 * (index % 3)}" text-anchor="middle">${sizeText(below)}–${sizeText(from)}</text></g>`;
}

function curve(
  { points, name, color }: PlotSeries,
  index: number,
  { y: unit, x: axis }: Plot,
  { x, y, frame }: Places,
): Html {
  const clamp = (value: number) => {
    return Math.min(Math.max(y(value), frame.top), frame.height - frame.bottom);
  };
  const path = line<PlotPoint>()
    .x((point) => x(point.x))
    .y((point) => y(point.y))
    .digits(1)([...points]);
  const known = points.filter((point) => point.interval && point.interval[0] > 0);
  const band = area<PlotPoint>()
    .x((point) => x(point.x))
    .y0((point) => clamp(point.interval?.[0] ?? point.y))
    .y1((point) => clamp(point.interval?.[1] ?? point.y))
    .digits(1)(known);
  const at = color ?? index;
  const size = points.length > MOST_MARKS ? 2 : 4;
  return html`<g class="curve ${seriesClass(at)}">${known.length > 1 && html`<path class="band" d="${band ?? ''}"/>`}<path class="line" d="${path ?? ''}"/>${points.map(
    (point) => mark(at, x(point.x), y(point.y), tipOf(point, name, axis, unit), size),
  )}</g>`;
}

function tipOf({ x, y, interval }: PlotPoint, name: string, axis: string, unit: Plot['y']): string {
  const value = unit === 'time' ? formatNs(y) : `${formatRate(y)}x`;
  return `${name}\n${axis} ${sizeText(x)}: ${value} ${formatInterval(y, interval)}`;
}
