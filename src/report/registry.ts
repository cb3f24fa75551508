import type { FormatId } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import { type BenchDocumentOptions, benchDocument, benchSummary } from './bench-document.js';
import { compareDocument } from './compare-document.js';
import { renderCsv } from './csv.js';
import { devicesDocument } from './devices-document.js';
import type { Document } from './document.js';
import { fleetDocument } from './fleet-document.js';
import { renderPage } from './html/page.js';
import { renderJson } from './json.js';
import { printMarkdown } from './markdown.js';
import { printTerminal, type TerminalOptions } from './terminal.js';
import { verifyDocument } from './verify-document.js';
import { watchDocument } from './watch-document.js';
import { type MeasuredWorkloads, workloadSections } from './workload-section.js';

export interface RenderOptions extends TerminalOptions, BenchDocumentOptions {}

/** The table that people read in a terminal. */
export function renderTable(result: Result, options: RenderOptions): string {
  return printTerminal(documentOf(result, options), options);
}

/** The sections of workloads that have finished, while others still run. */
export function renderWorkloads(done: MeasuredWorkloads, options: RenderOptions): string {
  return printTerminal(workloadSections(done, options.details ?? false), options);
}

export function renderMarkdown(result: Result): string {
  const document = result.command === 'bench' ? benchSummary(result) : documentOf(result);
  const { tool, startedAt } = result;
  const version = `${tool.name} ${tool.version}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return withoutHomes(printMarkdown([...document, { kind: 'text', text: version }]));
}

/** A home folder names the user, and differs from machine to machine. */
function withoutHomes(text: string): string {
  return text.replaceAll(/(?<![\w/.~-])\/(?:Users|home)\/[^/\s'"`]+/g, '~');
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

function documentOf(result: Result, options: BenchDocumentOptions = {}): Document {
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
    case 'watch':
      return watchDocument(result, options);
    default:
      return result satisfies never;
  }
}
