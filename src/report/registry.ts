import type { FormatId } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import type { BenchDocumentOptions } from './bench-document.js';
import type { Document } from './document.js';
import type { TerminalOptions } from './terminal.js';
import type { MeasuredWorkloads } from './workload-section.js';

export interface RenderOptions extends TerminalOptions, BenchDocumentOptions {}

/** The table that people read in a terminal. */
export async function renderTable(result: Result, options: RenderOptions): Promise<string> {
  const { printTerminal } = await import('./terminal.js');
  return printTerminal(await documentOf(result, options), options);
}

/** The printer of workloads that have finished, while others still run. */
export async function workloadPrinter(
  options: RenderOptions,
): Promise<(done: MeasuredWorkloads) => string> {
  const [{ printTerminal }, { workloadSections }] = await Promise.all([
    import('./terminal.js'),
    import('./workload-section.js'),
  ]);
  return (done) => printTerminal(workloadSections(done, options.details ?? false), options);
}

export async function renderMarkdown(result: Result): Promise<string> {
  const { printMarkdown } = await import('./markdown.js');
  const document = await (result.command === 'bench' ? summaryOf(result) : documentOf(result));
  const { tool, startedAt } = result;
  const version = `${tool.name} ${tool.version}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return withoutHomes(printMarkdown([...document, { kind: 'text', text: version }]));
}

/** A home folder names the user, and differs from machine to machine. */
function withoutHomes(text: string): string {
  return text.replaceAll(/(?<![\w/.~-])\/(?:Users|home)\/[^/\s'"`]+/g, '~');
}

/** A page for a browser, with everything that is known. */
export async function renderHtml(result: Result): Promise<string> {
  const { renderPage } = await import('./html/page.js');
  return renderPage(result, await documentOf(result, { saved: true, details: true }));
}

/** Each loads only what it needs: a table of devices is on the screen before a page could be read. */
const RENDERERS = {
  table: renderTable,
  json: async (result) => (await import('./json.js')).renderJson(result),
  csv: async (result) => (await import('./csv.js')).renderCsv(result),
  markdown: renderMarkdown,
  html: renderHtml,
} as const satisfies Record<FormatId, (result: Result, options: RenderOptions) => Promise<string>>;

/** A result as text of the format. */
export function renderAs(
  format: FormatId,
  result: Result,
  options: RenderOptions,
): Promise<string> {
  return RENDERERS[format](result, options);
}

async function documentOf(result: Result, options: BenchDocumentOptions = {}): Promise<Document> {
  switch (result.command) {
    case 'bench':
      return (await import('./bench-document.js')).benchDocument(result, options);
    case 'devices':
      return (await import('./devices-document.js')).devicesDocument(result);
    case 'verify':
      return (await import('./verify-document.js')).verifyDocument(result, options);
    case 'compare':
      return (await import('./compare-document.js')).compareDocument(result, options);
    case 'fleet':
      return (await import('./fleet-document.js')).fleetDocument(result, options);
    case 'watch':
      return (await import('./watch-document.js')).watchDocument(result, options);
    default:
      return result satisfies never;
  }
}

async function summaryOf(result: Result & { readonly command: 'bench' }): Promise<Document> {
  return (await import('./bench-document.js')).benchSummary(result);
}
