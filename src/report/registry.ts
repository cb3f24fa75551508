import type { ChalkInstance } from 'chalk';
import type { FormatId } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import { type BenchDocumentOptions, benchDocument } from './bench-document.js';
import { compareDocument } from './compare-document.js';
import { renderCsv } from './csv.js';
import { devicesDocument } from './devices-document.js';
import type { Document } from './document.js';
import { fleetDocument } from './fleet-document.js';
import { renderPage } from './html/page.js';
import { renderJson } from './json.js';
import { printMarkdown } from './markdown.js';
import { printTerminal } from './terminal.js';
import { verifyDocument } from './verify-document.js';

export interface RenderOptions {
  /** A chalk instance whose level the caller has decided. */
  readonly colour: ChalkInstance;
  /** Columns of the terminal. */
  readonly width: number;
  /** The result is in a file already: nobody has to be told how to save it. */
  readonly saved?: boolean;
  /** Everything that is known, in place of what most people need. */
  readonly details?: boolean;
  /** Draws with ASCII characters only. */
  readonly ascii?: boolean;
}

/** The table that people read in a terminal. */
export function renderTable(
  result: Result,
  { colour, width, saved = false, details = false, ascii = false }: RenderOptions,
): string {
  return printTerminal(documentOf(result, { saved, details }), colour, width, ascii);
}

export function renderMarkdown(
  result: Result,
  { saved = false }: Pick<RenderOptions, 'saved'> = {},
): string {
  const details = result.command === 'bench';
  return printMarkdown(documentOf(result, { saved, details }));
}

/** A page for a browser, with everything that is known. */
export function renderHtml(result: Result): string {
  return renderPage(result, (one) => documentOf(one, { saved: true, details: true }));
}

const RENDERERS = {
  table: renderTable,
  json: renderJson,
  csv: renderCsv,
  markdown: renderMarkdown,
  html: renderHtml,
} as const satisfies Record<FormatId, (result: Result, options: RenderOptions) => string>;

/** A result as text of the format. */
export function renderAs(format: FormatId, result: Result, options: RenderOptions): string {
  return RENDERERS[format](result, options);
}

function documentOf(result: Result, options: BenchDocumentOptions): Document {
  switch (result.command) {
    case 'bench':
      return benchDocument(result, options);
    case 'devices':
      return devicesDocument(result);
    case 'verify':
      return verifyDocument(result, options);
    case 'compare':
      return compareDocument(result, options);
    case 'fleet':
      return fleetDocument(result, options);
    default:
      return result satisfies never;
  }
}
