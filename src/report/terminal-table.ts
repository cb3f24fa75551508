import { largest } from '../measure/extremes.js';
import type { Cell, Column, Paint, Table } from './document.js';
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
  // A column that is wider than the whole table is broken into lines, whatever it holds.
  const natural = table.columns.map((column, i) => {
    return Math.min(naturalWidth(column, table.rows, i), width);
  });
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
  return largest([displayWidth(printable(header)), ...widths]);
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

function draw(table: Table, indices: readonly number[], widths: number[], paint: Paint): string[] {
  const columns = indices.map((i) => table.columns[i]);
  const quiet = (text: string): Cell => ({ text, tone: 'quiet' });
  const lines = [
    columns.map(({ header }) => quiet(header)),
    widths.map((columnWidth) => quiet('─'.repeat(columnWidth))),
    ...table.rows.map((row) => indices.map((index) => row[index])),
  ];
  return lines.flatMap((cells) => drawRow(cells, columns, widths, paint));
}

/** One line, or as many as the tallest cell needs. */
function drawRow(
  cells: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  paint: Paint,
): string[] {
  const wrapped = cells.map(({ text }, i) => wrap(printable(text), widths[i]));
  const height = largest(wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map(({ tone = 'plain' }, i) => {
      const text = wrapped[i][line] ?? '';
      const pad = ' '.repeat(Math.max(0, widths[i] - displayWidth(text)));
      const painted = text === '' ? '' : paint[tone](text);
      return columns[i].align === 'right' ? pad + painted : painted + pad;
    });
    return parts.join(GAP);
  });
}
