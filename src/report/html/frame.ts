import { type Axis, axisOf } from '../plot-scale.js';
import { type Html, html, lines } from './markup.js';

/** The drawing area of a chart in units of its view box, and what is common to all charts. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const WIDE: Frame = { width: 520, height: 320, left: 58, right: 16, top: 14, bottom: 44 };
export const SMALL: Frame = { width: 340, height: 180, left: 60, right: 8, top: 10, bottom: 36 };

/** Positions in a frame along two axes. */
export interface Places {
  readonly frame: Frame;
  x(value: number): number;
  y(value: number): number;
  readonly xTicks: (most: number) => number[];
  readonly yTicks: (most: number) => number[];
}

/** @param values what the frame has to show; @param axes in place of those that fit the values */
export function placesOf(
  frame: Frame,
  values: { readonly x: readonly number[]; readonly y: readonly number[] },
  axes: { readonly x?: Axis; readonly y?: Axis } = {},
): Places {
  const x = axes.x ?? axisOf(values.x);
  const y = axes.y ?? axisOf(values.y, true);
  const { left, right, top, bottom, width, height } = frame;
  return {
    frame,
    x: (value) => round(left + x.place(value) * (width - left - right)),
    y: (value) => round(height - bottom - y.place(value) * (height - top - bottom)),
    xTicks: (most) => x.ticks(most),
    yTicks: (most) => y.ticks(most),
  };
}

/** A tenth of a unit is less than anybody sees. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export interface Labels {
  readonly x: string;
  readonly xTicks: readonly { readonly at: number; readonly text: string }[];
  readonly yTicks: readonly { readonly at: number; readonly text: string }[];
}

/** An SVG with grid, tick labels and what is drawn into it. @param summary for those who do not see it */
export function chart(places: Places, labels: Labels, summary: string, drawn: Html): Html {
  const { width, height, left, right, bottom } = places.frame;
  const base = height - bottom;
  const [first, last] = [left - 6, width - right];
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${summary}"><g class="grid">${labels.yTicks.map(
    ({ at }) => html`<path d="M${left} ${at}H${last}"/>`,
  )}</g><g class="ticks">${labels.yTicks.map(
    ({ at, text }) => html`<text x="${first}" y="${at + 4}" text-anchor="end">${text}</text>`,
  )}${withRoom(labels.xTicks, left, last).map(
    ({ at, text, anchor }) =>
      html`<text x="${at}" y="${base + 17}" text-anchor="${anchor}">${text}</text>`,
  )}<text class="axis" x="${last}" y="${height - 6}" text-anchor="end">${labels.x}</text></g><path class="base" d="M${left} ${base}H${last}"/>${drawn}</svg>`;
}

const CHARACTER = 7;
const GAP = 12;

/** The labels that fit next to each other, from the left; the outer ones stay inside. */
function withRoom(ticks: Labels['xTicks'], left: number, right: number) {
  let free = Number.NEGATIVE_INFINITY;
  return ticks.flatMap(({ at, text }) => {
    const width = text.length * CHARACTER;
    const isLast = at + width / 2 > right;
    const isFirst = at - width / 2 < left - 20;
    const start = isLast ? at - width : isFirst ? at : at - width / 2;
    if (start < free) return [];
    free = start + width + GAP;
    return [{ at, text, anchor: isLast ? 'end' : isFirst ? 'start' : 'middle' }];
  });
}

/** A figure with a caption above, and a legend for several series. */
export function figure(title: string, drawn: Html, legend?: Html, note?: string): Html {
  return html`<figure><figcaption>${title}${note && html` <small>${note}</small>`}</figcaption>${legend}${drawn}</figure>`;
}

const SHAPES = 4;

/** `s0` to `s7`: the colour of a series, the same for a device on the whole page. */
export function seriesClass(index: number): string {
  return `s${((index % 8) + 8) % 8}`;
}

/** A mark of a series: shapes tell apart what colours may not. */
export function mark(index: number, x: number, y: number, tip?: string, size = 4): Html {
  const tipped = tip === undefined ? undefined : html` data-tip="${lines(tip)}"`;
  const place = (dx: number, dy: number) => `${round(x + dx * size)} ${round(y + dy * size)}`;
  switch (index % SHAPES) {
    case 0:
      return html`<circle cx="${x}" cy="${y}" r="${size}"${tipped}/>`;
    case 1:
      return html`<path d="M${place(0, -1.2)}L${place(1.15, 0.9)}L${place(-1.15, 0.9)}Z"${tipped}/>`;
    case 2:
      return html`<path d="M${place(-0.9, -0.9)}L${place(0.9, -0.9)}L${place(0.9, 0.9)}L${place(-0.9, 0.9)}Z"${tipped}/>`;
    default:
      return html`<path d="M${place(0, -1.3)}L${place(1.3, 0)}L${place(0, 1.3)}L${place(-1.3, 0)}Z"${tipped}/>`;
  }
}

export function legendOf(
  names: readonly { readonly name: string; readonly index: number }[],
): Html {
  return html`<ul class="legend">${names.map(
    ({ name, index }) =>
      html`<li class="${seriesClass(index)}"><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${mark(index, 6, 6, undefined, 4.2)}</svg>${name}</li>`,
  )}</ul>`;
}
