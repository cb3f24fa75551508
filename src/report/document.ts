/**
 * The content of a report, independent of its looks: built once from a result, then printed for a
 * terminal, as Markdown or HTML. Texts are raw; each printer escapes what its medium needs.
 */

/** What a text means to the reader; a terminal turns it into a colour. */
export type Tone = 'plain' | 'strong' | 'good' | 'bad' | 'doubtful' | 'quiet';

/** How a terminal shows each tone. */
export type Paint = Record<Tone, (text: string) => string>;

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly header: string;
  readonly align: 'left' | 'right';
  /** Long text that may be broken into lines. */
  readonly wraps?: boolean;
  /** May be dropped if there is no room: it repeats something, or matters less. */
  readonly dispensable?: boolean;
  /** A table that is too wide is first broken before this column. */
  readonly breakBefore?: boolean;
}

/** The first column names the row; it is repeated where a table is broken by columns. */
export interface Table {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Heading {
  readonly kind: 'heading';
  readonly level: 1 | 2;
  readonly text: string;
  readonly detail?: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Something to type: printed unchanged. */
  readonly code?: boolean;
}

export interface Facts {
  readonly kind: 'facts';
  readonly facts: readonly Fact[];
}

/** A sentence that the reader must not miss, with advice. */
export interface Note {
  readonly kind: 'note';
  readonly tone: 'bad' | 'doubtful' | 'plain';
  readonly text: string;
  readonly advice?: string;
}

/** The result of a check: one line with a mark, and the fixes below it. */
export interface Finding {
  readonly kind: 'finding';
  /** `note`: worth knowing, nothing to fix. */
  readonly state: 'pass' | 'note' | 'warning' | 'fail' | 'unchecked' | 'not-applicable';
  readonly text: string;
  /** A paragraph below it. */
  readonly detail?: string;
  /** How far it is indented: 1 below the heading of a device, or below the finding before it. */
  readonly depth?: 0 | 1;
  /** Id of the check, shown if there is something to fix. */
  readonly check?: string;
  readonly fixes: readonly { readonly text: string; readonly command?: string }[];
  /** Where the rule comes from. */
  readonly source?: string;
}

/** Curves over sizes; a terminal draws them with characters, HTML as SVG. */
export interface Plot {
  readonly kind: 'plot';
  readonly title: string;
  /** What the horizontal axis holds. */
  readonly x: string;
  /** How a value of the vertical axis is written. */
  readonly y: 'ratio' | 'time';
  readonly series: readonly PlotSeries[];
  /** A level to compare with. */
  readonly level?: number;
}

export interface PlotSeries {
  readonly name: string;
  /** Ascending in x; all above 0. */
  readonly points: readonly PlotPoint[];
  /** Which of the colours of the page; by its place where it is left out. */
  readonly color?: number;
  /** Between these two sizes it crosses the level. */
  readonly crossing?: readonly [below: number, from: number];
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly interval?: readonly [low: number, high: number];
}

/** A paragraph. */
export interface Text {
  readonly kind: 'text';
  readonly text: string;
}

/** What only those need who want to look closer: Markdown folds it, a terminal leaves it out. */
export interface Fold {
  readonly kind: 'fold';
  readonly summary: string;
  readonly blocks: readonly Block[];
}

export type Block = Text | Table | Heading | Facts | Note | Finding | Fold | Plot;
export type Document = readonly Block[];

/** A column, and how to fill it from a row of type T. */
export interface ColumnOf<T> extends Column {
  cell(row: T): Cell | string | undefined;
}

/** Builds a table; columns that are empty in every row are left out. */
export function tableOf<T>(rows: readonly T[], columns: readonly ColumnOf<T>[]): Table {
  const cells = rows.map((row) => columns.map((column) => toCell(column.cell(row))));
  const used = columns.map((_, i) => i === 0 || cells.some((row) => row[i].text !== ''));
  return {
    kind: 'table',
    columns: columns.filter((_, i) => used[i]),
    rows: cells.map((row) => row.filter((_, i) => used[i])),
  };
}

/** A heading and the first `most` rows below it, with how many more there are; nothing without rows. */
export function sectionOf<T>(
  text: string,
  rows: readonly T[],
  columns: readonly ColumnOf<T>[],
  { level, most }: { readonly level: 1 | 2; readonly most: number },
): Block[] {
  if (rows.length === 0) return [];
  const rest = rows.length - most;
  return [
    { kind: 'heading', level, text },
    tableOf(rows.slice(0, most), columns),
    ...(rest > 0 ? [moreText(rest)] : []),
  ];
}

/** In place of what only --details and JSON list. */
export const moreText = (rest: number): Block => ({
  kind: 'text',
  text: `${rest.toLocaleString('en-US')} more (--details or --json lists them).`,
});

function toCell(value: Cell | string | undefined): Cell {
  return typeof value === 'object' ? value : { text: value ?? '' };
}
