/**
 * What a report says, apart from how it looks: built once from a result, then printed for a terminal
 * or as Markdown. Texts are raw; whoever prints them escapes what the medium demands.
 */

/** What a text means to the reader; a terminal turns it into a colour. */
export type Tone = 'plain' | 'strong' | 'good' | 'bad' | 'doubtful' | 'quiet';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly header: string;
  readonly align: 'left' | 'right';
  /** Long text that may be broken into lines. */
  readonly wraps?: boolean;
  /** May be left out where there is no room: it repeats something, or matters less. */
  readonly dispensable?: boolean;
  /** Where a table is too wide for one line, it is broken before this column first. */
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
  /** Something to type: kept as it is. */
  readonly code?: boolean;
}

export interface Facts {
  readonly kind: 'facts';
  readonly facts: readonly Fact[];
}

/** A sentence that the reader must not miss, with what to do about it. */
export interface Note {
  readonly kind: 'note';
  readonly tone: 'bad' | 'doubtful' | 'plain';
  readonly text: string;
  readonly advice?: string;
}

/** What a check found, one line with a mark, and below it what to do. */
export interface Finding {
  readonly kind: 'finding';
  /** `note`: worth knowing, and nothing to do about it. */
  readonly state: 'pass' | 'note' | 'warning' | 'fail' | 'unchecked' | 'not-applicable';
  readonly text: string;
  /** A paragraph below it. */
  readonly detail?: string;
  /** How far it is indented: 1 below the heading of a device, or below the finding before it. */
  readonly depth?: 0 | 1;
  /** Id of the check, said where there is something to do about it. */
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

/** A column with the way to fill it from a row of type T. */
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

function toCell(value: Cell | string | undefined): Cell {
  return typeof value === 'object' ? value : { text: value ?? '' };
}
