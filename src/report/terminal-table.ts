import CliTable from 'cli-table3';
import type { Cell, Column, Table } from './document.js';
import type { Paint } from './paint.js';
import { displayWidth, printable, wrap } from './text.js';

const GAP = '  ';
/** A column of long text is not made narrower than this before columns move to a further table. */
const NARROWEST_TEXT = 18;

/**
 * Draws a table within a width. Columns of long text are broken into lines first; where that is not
 * enough, the columns at the right move, in order, to a further table that repeats the first column.
 * Only columns that are dispensable are left out, where they would need room that is not there.
 */
export function drawTable(table: Table, paint: Paint, width: number): string[] {
  const natural = table.columns.map((column, i) => naturalWidth(column, table.rows, i));
  const least = table.columns.map(({ wraps }, i) => {
    return wraps ? Math.min(natural[i], NARROWEST_TEXT) : natural[i];
  });
  return splitColumns(table.columns, least, width).flatMap((indices, part) => {
    const widths = share(indices, natural, least, width);
    return [...(part > 0 ? [''] : []), ...draw(table, indices, widths, paint)];
  });
}

function naturalWidth({ header }: Column, rows: Table['rows'], index: number): number {
  const widths = rows.map((row) => displayWidth(printable(row[index].text)));
  return Math.max(displayWidth(printable(header)), ...widths);
}

/** Indices of the columns of each table, each beginning with column 0. */
function splitColumns(
  columns: readonly Column[],
  least: readonly number[],
  width: number,
): number[][] {
  const all = least.map((_, i) => i);
  const taken = (indices: readonly number[]) => {
    return indices.reduce((sum, i) => sum + least[i] + GAP.length, -GAP.length);
  };
  const needed = all.filter((i) => !columns[i].dispensable);
  const tooWide = taken(needed) > width;
  const parts: number[][] = [[0]];
  for (const index of needed.slice(1)) {
    const part = parts[parts.length - 1];
    const full = taken([...part, index]) > width || (tooWide && columns[index].breakBefore);
    if (full && part.length > 1) parts.push([0, index]);
    else part.push(index);
  }
  const last = parts[parts.length - 1];
  for (const index of all.filter((i) => columns[i].dispensable)) {
    if (taken([...last, index]) <= width) last.push(index);
  }
  return parts.map((part) => part.sort((left, right) => left - right));
}

/** Gives each column what it needs, and divides what is left of the width fairly among long texts. */
function share(
  indices: readonly number[],
  natural: readonly number[],
  least: readonly number[],
  width: number,
): number[] {
  const widths = new Map(indices.map((i) => [i, least[i]]));
  const taken = indices.reduce((sum, i) => sum + least[i], 0) + GAP.length * (indices.length - 1);
  let left = Math.max(0, width - taken);
  const longTexts = indices
    .filter((i) => natural[i] > least[i])
    .sort((a, b) => natural[a] - natural[b]);
  longTexts.forEach((i, position) => {
    const more = Math.min(natural[i] - least[i], Math.floor(left / (longTexts.length - position)));
    widths.set(i, least[i] + more);
    left -= more;
  });
  return [...widths.values()];
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
} as const;

function draw(table: Table, indices: readonly number[], widths: number[], paint: Paint): string[] {
  const columns = indices.map((i) => table.columns[i]);
  const grid = new CliTable({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths: widths,
    colAligns: columns.map(({ align }) => align),
  });
  grid.push(columns.map(({ header }) => paint.quiet(printable(header))));
  grid.push(widths.map((columnWidth) => paint.quiet('─'.repeat(columnWidth))));
  for (const row of table.rows) {
    grid.push(indices.map((index, i) => paintCell(row[index], widths[i], paint)));
  }
  return grid.toString().split('\n');
}

function paintCell({ text, tone = 'plain' }: Cell, width: number, paint: Paint): string {
  return wrap(printable(text), width)
    .map((line) => paint[tone](line))
    .join('\n');
}
