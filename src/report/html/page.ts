import { createHash } from 'node:crypto';
import { embedResult } from '../../result/embedded.js';
import type { BenchResult, Result } from '../../result/schema.js';
import type { Document } from '../document.js';
import { sentencesOf } from '../text.js';
import { benchBody } from './bench-page.js';
import { command, printHtml } from './blocks.js';
import { fleetFigures } from './fleet-dots.js';
import { type Html, html, trusted } from './markup.js';
import { ratioBars } from './ratio-bars.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { watchTimeline } from './watch-timeline.js';

/** What a page says, in the order in which it is read. */
export interface Body {
  /** The answer, in large letters. */
  readonly title: string;
  readonly lead?: string;
  readonly content: Html;
}

/** @param document what a terminal would show of the result, with all details */
export function renderPage(result: Result, document: Document): string {
  const body =
    result.command === 'bench'
      ? benchBody(result)
      : documentBody(result, document, figureOf(result));
  return page(result, body);
}

function figureOf(result: Exclude<Result, BenchResult>): Html | undefined {
  if (result.command === 'compare') return ratioBars(result.rows);
  if (result.command === 'watch') return watchTimeline(result);
  return result.command === 'fleet' ? fleetFigures(result) : undefined;
}

const QUESTIONS: Readonly<Record<string, string>> = {
  devices: 'Devices of this machine',
  verify: 'Does machine-learning work reach the GPU?',
};

/** A result with at most one chart: its document, with the summary or the first sentence on top. */
function documentBody({ command: name }: Result, document: Document, figure?: Html): Body {
  const question = QUESTIONS[name] ?? `mpsbench ${name}`;
  const facts = document.flatMap((block) => (block.kind === 'facts' ? block.facts : []));
  const summary = facts.find(({ label }) => label === 'Summary')?.value;
  const content = html`<section>${printHtml(document)}</section>`;
  if (summary) return { title: summary, lead: question, content };
  const [first, ...rest] = document;
  if (first?.kind !== 'text') return { title: question, content };
  const [title, ...others] = sentencesOf(first.text);
  const body = html`<section>${figure}${printHtml(rest)}</section>`;
  return { title, lead: others.join(' '), content: body };
}

/** The whole page: nothing in it is loaded from elsewhere, and its policy forbids it. */
function page(result: Result, { title, lead, content }: Body): string {
  const { tool, startedAt, reproduce, command: name } = result;
  const machine = 'host' in result ? [result.host.cpu, result.host.os] : [];
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const facts = [`${tool.name} ${tool.version}`, name, timeText(startedAt), ...machine];
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="generator" content="${tool.name} ${tool.version}">
<link rel="icon" href="data:,">
<title>${title.slice(0, 90)} · mpsbench</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header><p class="kicker">${facts.map((fact, i) => (i === 0 ? html`<b>${fact}</b>` : html`<span>${fact}</span>`))}</p><h1>${title}</h1>${lead && html`<p class="lead">${lead}</p>`}</header>
<main>${content}</main>
<footer><span>${command(reproduce)}</span><button type="button" id="save">Save JSON</button></footer>
<div id="tip" role="status" hidden></div>
${trusted(embedResult(result))}
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
  return text;
}

/** `2026-01-15 10:20 UTC`; as it is where it is no time. */
function timeText(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? iso
    : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
