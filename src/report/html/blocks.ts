import type { Block, Cell, Column, Document, Facts, Finding, Note, Table } from '../document.js';
import { plotFigure } from './curves.js';
import { type Html, html } from './markup.js';

/** Prints a document as HTML; its first level of headings becomes h2. */
export function printHtml(document: Document): Html {
  const parts: Html[] = [];
  for (let i = 0; i < document.length; i++) {
    const { kind } = document[i];
    // Neighbouring notes are one list, and so are findings.
    if (kind === 'note' || kind === 'finding') {
      const end = document.findIndex((block, at) => at > i && block.kind !== kind);
      const run = document.slice(i, end === -1 ? undefined : end);
      parts.push(html`<ul class="${kind}s">${run.map(printBlock)}</ul>`);
      i += run.length - 1;
    } else {
      parts.push(printBlock(document[i]));
    }
  }
  return html`${parts}`;
}

function printBlock(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return block.level === 1
        ? html`<h2>${block.text}${small(block.detail)}</h2>`
        : html`<h3>${block.text}${small(block.detail)}</h3>`;
    case 'text':
      return html`<p>${block.text}</p>`;
    case 'facts':
      return printFacts(block);
    case 'note':
      return printNote(block);
    case 'finding':
      return printFinding(block);
    case 'table':
      return printTable(block);
    case 'plot':
      return plotFigure(block);
    case 'fold':
      return html`<details><summary>${block.summary}</summary>${printHtml(block.blocks)}</details>`;
    default:
      return block satisfies never;
  }
}

function small(detail: string | undefined): Html | undefined {
  return detail ? html` <small>${detail}</small>` : undefined;
}

export function printFacts({ facts }: Facts): Html {
  return html`<dl>${facts.map(
    ({ label, value, code }) =>
      html`<div><dt>${label}</dt><dd>${code ? command(value) : value}</dd></div>`,
  )}</dl>`;
}

/** Something to type, with a button that copies it. */
export function command(text: string): Html {
  return html`<span class="command"><code>${text}</code><button type="button" class="copy" aria-label="Copy ${text}">Copy</button></span>`;
}

const NOTE_MARKS = { bad: '✗', doubtful: '!', plain: '·' } as const satisfies Record<
  Note['tone'],
  string
>;

function printNote({ tone, text, advice }: Note): Html {
  return html`<li class="${tone}"><span class="mark" aria-hidden="true">${NOTE_MARKS[tone]}</span><div>${text}${
    advice && html`<p class="advice">${advice}</p>`
  }</div></li>`;
}

const FINDING_MARKS = {
  pass: '✓',
  note: '·',
  warning: '!',
  fail: '✗',
  unchecked: '?',
  'not-applicable': '–',
} as const satisfies Record<Finding['state'], string>;

function printFinding({ state, text, detail, check, fixes, source, depth }: Finding): Html {
  const name = state === 'pass' || state === 'note' ? undefined : state.replace('-', ' ');
  return html`<li class="${state}${depth ? ' below' : ''}"><span class="mark" aria-hidden="true">${FINDING_MARKS[state]}</span><div>${
    name && html`<span class="state">${name}</span> `
  }${text}${check && html` <code class="check">${check}</code>`}${detail && html`<p>${detail}</p>`}${fixes.map(
    (fix) => html`<p class="fix">${fix.text}${fix.command && html` ${command(fix.command)}`}</p>`,
  )}${source && html`<p class="source">${source}</p>`}</div></li>`;
}

/** A table with more columns leaves out those that are dispensable. */
const MOST_COLUMNS = 11;
/** A longer table is folded: the page has a picture of it. */
const MOST_ROWS = 60;

/** A table that scrolls by itself where the page is too narrow. */
export function printTable(table: Table, label = 'Table'): Html {
  const { columns, rows } = withoutDispensable(table);
  const printed = printRows({ ...table, columns, rows }, label);
  if (rows.length <= MOST_ROWS) return printed;
  return html`<details><summary>Table of ${rows.length} rows</summary>${printed}</details>`;
}

function withoutDispensable({ columns, rows }: Table): Pick<Table, 'columns' | 'rows'> {
  if (columns.length <= MOST_COLUMNS) return { columns, rows };
  const kept = columns.flatMap(({ dispensable }, i) => (dispensable ? [] : [i]));
  return {
    columns: kept.map((i) => columns[i]),
    rows: rows.map((row) => kept.map((i) => row[i])),
  };
}

function printRows({ columns, rows }: Table, label: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${columns.map(
    (column) => html`<th scope="col" class="${column.align}">${column.header}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, i) => printCell(cell, columns[i], i))}</tr>`,
  )}</tbody></table></div>`;
}

function printCell({ text, tone }: Cell, column: Column, index: number): Html {
  const classes = [column.align, column.wraps ? 'wraps' : '', tone && tone !== 'plain' ? tone : '']
    .filter(Boolean)
    .join(' ');
  return index === 0
    ? html`<th scope="row" class="${classes}">${text}</th>`
    : html`<td class="${classes}">${text}</td>`;
}
