import { area } from 'd3-shape';
import { type DensityPoint, densityOf } from '../../measure/density.js';
import { largest, smallest } from '../../measure/extremes.js';
import type { Measurement, Row } from '../../result/schema.js';
import { formatInterval, formatNs } from '../../result/units.js';
import { tickText } from '../plot-scale.js';
import { coordinatesText } from '../sweep/sentences.js';
import { chart, figure, placesOf, round, SMALL, seriesClass } from './frame.js';
import { type Html, html, lines } from './markup.js';

/** More dots than a figure of this size can show; every n-th is drawn. */
const MOST_DOTS = 400;
/** Width of the distribution beside the samples. */
const DENSITY_WIDTH = 66;

type LabelledSample = Measurement['samples'][number];

/** The samples of a row in the order in which they were taken, and beside them the distribution of each run. */
export function samplesFigure(row: Row, color: number): Html {
  const { measurement } = row;
  if (!measurement || measurement.samples.length < 2) return html``;
  const { samples, runs, wall } = measurement;
  const values = samples.map(({ wallNs, iterations }) => wallNs / iterations);
  const width = SMALL.width - DENSITY_WIDTH;
  const places = placesOf(
    { ...SMALL, width },
    { x: [0, samples.length - 1], y: values },
    { x: orderAxis(samples.length) },
  );
  const every = Math.ceil(samples.length / MOST_DOTS);
  const dots = samples.flatMap((sample, i) => {
    if (i % every !== 0 && !labelsOf(sample).length) return [];
    return [dot(sample, values[i], i, places)];
  });
  const marked = samples.filter((sample) => labelsOf(sample).length > 0).length;
  const summary = `${samples.length} samples of ${titleOf(row)} in order: median ${formatNs(wall.median)}, from ${formatNs(wall.min)} to ${formatNs(wall.max)}.`;
  const drawn = html`${medianBand(wall, places)}${runLines(runs, places)}<g class="dots ${seriesClass(color)}">${dots}</g>${densities(values, runs, places, color)}`;
  const labels = {
    x: 'sample, in order',
    xTicks: [0, samples.length - 1].map((i) => ({ at: places.x(i), text: String(i + 1) })),
    yTicks: places
      .yTicks(5)
      .map((value) => ({ at: places.y(value), text: tickText(value, 'time') })),
  };
  const wide = { ...places, frame: { ...SMALL, right: SMALL.right + DENSITY_WIDTH } };
  const notes = [
    `${formatNs(wall.median)} ${formatInterval(wall.median, wall.interval)}`,
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`,
    marked > 0 ? `${marked} marked` : '',
    every > 1 ? `every ${every}. sample drawn` : '',
  ].filter(Boolean);
  return figure(titleOf(row), chart(wide, labels, summary, drawn), undefined, notes.join(', '));
}

/** `cnn batch 64 on cpu:0`. */
export function titleOf({ workload, point, device }: Row): string {
  return [workload, point && coordinatesText(point), 'on', device].filter(Boolean).join(' ');
}

function orderAxis(length: number) {
  return { place: (i: number) => i / Math.max(1, length - 1), ticks: () => [] };
}

/** What disturbed a sample, in words. */
function labelsOf(sample: LabelledSample): string[] {
  const { throttling = [], disturbed = [] } = sample;
  return [
    ...(throttling.length > 0 ? [`throttled: ${throttling.join(', ')}`] : []),
    ...(disturbed.length > 0 ? [`disturbed: ${disturbed.join(', ')}`] : []),
  ];
}

function dot(
  sample: LabelledSample,
  ns: number,
  index: number,
  { x, y }: { x(value: number): number; y(value: number): number },
): Html {
  const labels = labelsOf(sample);
  const tip = [`sample ${index + 1}: ${formatNs(ns)}`, ...labels].join('\n');
  const [cx, cy] = [x(index), y(ns)];
  return labels.length > 0
    ? html`<path class="marked" d="M${cx} ${round(cy - 5)}l4.6 8h-9.2Z" data-tip="${lines(tip)}"/>`
    : html`<circle cx="${cx}" cy="${cy}" r="2.2" data-tip="${lines(tip)}"/>`;
}

function medianBand(
  { median, interval }: Measurement['wall'],
  { frame, y }: ReturnType<typeof placesOf>,
): Html {
  const [left, right] = [frame.left, frame.width - frame.right];
  // An interval may be far wider than the samples: what is outside the frame is cut off.
  const inside = (ns: number) => Math.min(Math.max(y(ns), frame.top), frame.height - frame.bottom);
  const band =
    interval &&
    html`<rect class="interval" x="${left}" y="${inside(interval[1])}" width="${right - left}" height="${Math.max(1, round(inside(interval[0]) - inside(interval[1])))}"/>`;
  return html`${band}<path class="median" d="M${left} ${y(median)}H${right}"/>`;
}

/** Where one run ends and a fresh process begins. */
function runLines(runs: Measurement['runs'], { frame, x }: ReturnType<typeof placesOf>): Html {
  let end = 0;
  const lines = runs.slice(0, -1).map(({ samples }) => {
    end += samples;
    return html`<path class="run" d="M${round((x(end - 1) + x(end)) / 2)} ${frame.top}V${frame.height - frame.bottom}"/>`;
  });
  return html`${lines}`;
}

/** The distribution of each run, one outline over the other, turned to share the axis of time. */
function densities(
  values: readonly number[],
  runs: Measurement['runs'],
  { frame, y }: ReturnType<typeof placesOf>,
  color: number,
): Html {
  const left = frame.width - frame.right + 10;
  const room = DENSITY_WIDTH - 12;
  const [low, high] = [smallest(values), largest(values)];
  const shown = [low - 0.06 * (high - low), high + 0.06 * (high - low)] as const;
  let start = 0;
  const curves = runs.map(({ samples }) => {
    const own = values.slice(start, start + samples);
    start += samples;
    return densityOf(own, shown);
  });
  const most = largest(curves.flat().map(({ density }) => density));
  if (!(most > 0)) return html``;
  const outline = area<DensityPoint>()
    .x0(left)
    .x1(({ density }) => left + (density / most) * room)
    .y(({ value }) => y(value))
    .digits(1);
  return html`<g class="density ${seriesClass(color)}">${curves.map((points, run) => {
    const path = outline([...points]);
    if (!path) return undefined;
    return html`<path d="${path}" data-tip="run ${run + 1}: median ${formatNs(runs[run].medianNs)}"/>`;
  })}</g>`;
}
