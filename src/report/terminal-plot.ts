import type { Paint, Plot, PlotSeries } from './document.js';
import { axisOf, sizeText, tickText } from './plot-scale.js';
import { displayWidth, printable } from './text.js';

/**
 * Draws curves with characters, several series on logarithmic axes. Our own, since no library fits: asciichart has
 * neither a horizontal axis nor logarithms, simple-ascii-chart draws steps between sizes, and both tell series apart by
 * colour alone. Lines are Braille dots (2 x 4 per character), points are marks of their series.
 */
export interface PlotOptions {
  readonly width: number;
  /** Only ASCII characters. */
  readonly ascii: boolean;
}

const HEIGHT = 12;
const WIDEST = 76;
const MARKS = ['●', '▲', '■', '◆', '○', '△', '□', '◇'];
const ASCII_MARKS = ['o', 'x', '#', '+', '@', '%', '&', '='];
/** Dots of a Braille character by column and row, as bits. */
const BRAILLE = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const TONES = ['strong', 'good', 'doubtful', 'bad'] as const;

/** @returns lines without a common indent; none if there is nothing to draw */
export function drawPlot(plot: Plot, paint: Paint, { width, ascii }: PlotOptions): string[] {
  const series = plot.series.filter(({ points }) => points.length > 0);
  const points = series.flatMap((one) => one.points);
  if (points.length < 2) return [];
  const x = axisOf(points.map((point) => point.x));
  const levels = plot.level === undefined ? [] : [plot.level];
  const y = axisOf([...points.map((point) => point.y), ...levels], true);
  const ticks = y.ticks(HEIGHT / 2).map((value) => {
    return { row: rowOf(y.place(value)), text: tickText(value, plot.y) };
  });
  const labelWidth = Math.max(...ticks.map(({ text }) => text.length));
  const columns = Math.max(16, Math.min(width, WIDEST) - labelWidth - 2);
  const canvas = new Canvas(columns, ascii);
  if (plot.level !== undefined) canvas.level(rowOf(y.place(plot.level)));
  const place = (point: { x: number; y: number }) => ({ x: x.place(point.x), y: y.place(point.y) });
  for (const [index, one] of series.entries()) canvas.line(one.points.map(place), index);
  for (const [index, one] of series.entries()) canvas.marks(one.points.map(place), index);
  const sizes = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const [bar, corner] = ascii ? ['|', '+'] : ['│', '└'];
  return [
    ...wrapLegend(series, paint, ascii, width),
    ...canvas.rows(paint).map((row, index) => {
      const label = ticks.find((tick) => tick.row === index)?.text ?? '';
      return `${paint.quiet(label.padStart(labelWidth))} ${paint.quiet(bar)}${row}`;
    }),
    `${' '.repeat(labelWidth + 1)}${paint.quiet(corner + (ascii ? '-' : '─').repeat(columns))}`,
    paint.quiet(' '.repeat(labelWidth + 2) + sizeLabels(sizes, x.place, columns)),
    paint.quiet(' '.repeat(labelWidth + 2) + printable(plot.x).slice(0, columns)),
  ];
}

function rowOf(place: number): number {
  return Math.min(HEIGHT - 1, Math.max(0, Math.round((1 - place) * (HEIGHT * 4 - 1)) >> 2));
}

function markOf(index: number, ascii: boolean): string {
  const marks = ascii ? ASCII_MARKS : MARKS;
  return marks[index % marks.length];
}

function toneOf(index: number) {
  return TONES[index % TONES.length];
}

/** `● cuda:0  ▲ webgpu:0`, in as many lines as needed. */
function wrapLegend(
  series: readonly PlotSeries[],
  paint: Paint,
  ascii: boolean,
  width: number,
): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  series.forEach(({ name }, index) => {
    const text = `${markOf(index, ascii)} ${printable(name)}`;
    const columns = displayWidth(text);
    if (used > 0 && used + 3 + columns > width) {
      lines.push(line);
      [line, used] = ['', 0];
    }
    line += `${used > 0 ? '   ' : ''}${paint[toneOf(index)](text)}`;
    used += columns + (used > 0 ? 3 : 0);
  });
  return [...lines, line];
}

/** The sizes below their points, as many as fit without touching. */
function sizeLabels(sizes: readonly number[], place: (x: number) => number, columns: number) {
  let line = '';
  for (const size of sizes) {
    const text = sizeText(size);
    const middle = Math.round(place(size) * (columns - 1)) - Math.floor(text.length / 2);
    const start = Math.min(Math.max(0, middle), columns - text.length);
    if (line !== '' && start < line.length + 2) continue;
    line = line.padEnd(start) + text;
  }
  return line;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A grid of characters; later marks cover earlier lines. */
class Canvas {
  readonly #columns: number;
  readonly #ascii: boolean;
  readonly #dots: { bits: number; series: number }[][];
  readonly #marks: ({ text: string; series: number } | undefined)[][];
  #level: number | undefined;

  constructor(columns: number, ascii: boolean) {
    this.#columns = columns;
    this.#ascii = ascii;
    this.#dots = grid(columns, () => ({ bits: 0, series: 0 }));
    this.#marks = grid(columns, () => undefined);
  }

  level(row: number): void {
    this.#level = row;
  }

  line(places: readonly Place[], series: number): void {
    for (let i = 1; i < places.length; i++) this.#segment(places[i - 1], places[i], series);
  }

  marks(places: readonly Place[], series: number): void {
    for (const { x, y } of places) {
      const column = Math.round(x * (this.#columns * 2 - 1)) >> 1;
      this.#marks[rowOf(y)][column] = { text: markOf(series, this.#ascii), series };
    }
  }

  rows(paint: Paint): string[] {
    return this.#dots.map((row, index) => {
      return row
        .map((_, column) => this.#character(index, column, paint))
        .join('')
        .trimEnd();
    });
  }

  #segment(from: Place, to: Place, series: number): void {
    const [width, height] = [this.#columns * 2 - 1, HEIGHT * 4 - 1];
    const steps = Math.ceil(
      Math.max(Math.abs(to.x - from.x) * width, Math.abs(to.y - from.y) * height, 1),
    );
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      const column = Math.round((from.x + (to.x - from.x) * share) * width);
      const row = Math.round((1 - from.y - (to.y - from.y) * share) * height);
      const cell = this.#dots[row >> 2]?.[column >> 1];
      if (!cell) continue;
      cell.bits |= BRAILLE[column & 1][row & 3];
      cell.series = series;
    }
  }

  #character(row: number, column: number, paint: Paint): string {
    const mark = this.#marks[row][column];
    if (mark) return paint[toneOf(mark.series)](mark.text);
    const { bits, series } = this.#dots[row][column];
    if (bits > 0) {
      return paint[toneOf(series)](this.#ascii ? '.' : String.fromCodePoint(0x2800 + bits));
    }
    if (row !== this.#level) return ' ';
    return paint.quiet(this.#ascii ? '-' : '┄');
  }
}

function grid<T>(columns: number, cell: () => T): T[][] {
  return Array.from({ length: HEIGHT }, () => Array.from({ length: columns }, cell));
}
