import type { ChalkInstance } from 'chalk';
import { benchDocument } from './bench-document.js';
import { renderCsv } from './csv.js';
import { devicesDocument } from './devices-document.js';
import type { Document } from './document.js';
import { renderJson } from './json.js';
import { printMarkdown } from './markdown.js';
import type { Result } from './schema.js';
import { printTerminal } from './terminal.js';
import { verifyDocument } from './verify-document.js';

export interface RenderOptions {
  /** A chalk instance whose level the caller has decided. */
  readonly colour: ChalkInstance;
  /** Columns of the terminal. */
  readonly width: number;
}

/** One way to write a result down. */
export interface Format {
  readonly id: string;
  readonly extension: string;
  render(result: Result, options: RenderOptions): string;
}

/** The table that people read in a terminal. */
export function renderTable(result: Result, { colour, width }: RenderOptions): string {
  return printTerminal(documentOf(result), colour, width);
}

export function renderMarkdown(result: Result): string {
  return printMarkdown(documentOf(result));
}

export const FORMATS = [
  { id: 'table', extension: 'txt', render: renderTable },
  { id: 'json', extension: 'json', render: renderJson },
  { id: 'csv', extension: 'csv', render: renderCsv },
  { id: 'markdown', extension: 'md', render: renderMarkdown },
] as const satisfies readonly Format[];

export type FormatId = (typeof FORMATS)[number]['id'];

function documentOf(result: Result): Document {
  switch (result.command) {
    case 'bench':
      return benchDocument(result);
    case 'devices':
      return devicesDocument(result);
    case 'verify':
      return verifyDocument(result);
    default:
      return result satisfies never;
  }
}
