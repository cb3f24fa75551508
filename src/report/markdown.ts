import { largest } from '../measure/extremes.js';
import type { Block, Document, Finding, Note, Paint, Plot, Table } from './document.js';
import { drawPlot } from './terminal-plot.js';
import { printable } from './text.js';

const PLOT_WIDTH = 76;
const same = (text: string) => text;
const PLAIN: Paint = {
  plain: same,
  strong: same,
  good: same,
  bad: same,
  doubtful: same,
  quiet: same,
};

/** Prints a document as GitHub-flavoured Markdown. */
export function printMarkdown(document: Document): string {
  // Only what follows a finding is indented: it is part of that item of the list.
  let hasParent = false;
  const parts = document.map((block, i) => {
    hasParent = block.kind === 'finding' && (hasParent || (block.depth ?? 0) === 0);
    const isBelow = block.kind === 'finding' && block.depth === 1 && hasParent;
    const text = printBlock(block).replace(/^/gm, isBelow ? '  ' : '');
    // Neighbouring notes are one list, and so are findings.
    const inList = block.kind === 'note' || block.kind === 'finding';
    return inList && document[i + 1]?.kind === block.kind ? text : `${text}\n`;
  });
  return parts.join('\n');
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'heading': {
      const detail = block.detail ? ` (${escapeText(block.detail)})` : '';
      return `${block.level === 1 ? '##' : '###'} ${escapeText(block.text)}${detail}`;
    }
    case 'text':
      return escapeText(block.text);
    case 'facts':
      return block.facts
        .map(
          ({ label, value, code }) =>
            `- ${escapeText(label)}: ${code ? codeSpan(value) : escapeText(value)}`,
        )
        .join('\n');
    case 'note':
      return printNote(block);
    case 'finding':
      return printFinding(block);
    case 'table':
      return printTable(block);
    case 'plot':
      return printPlot(block);
    case 'fold':
      // GitHub reads Markdown inside HTML only after an empty line.
      return `<details><summary>${escapeText(block.summary)}</summary>\n\n${printMarkdown(block.blocks)}\n</details>`;
    default:
      return block satisfies never;
  }
}

function printNote({ tone, text, advice }: Note): string {
  const sentence = tone === 'bad' ? `**${escapeText(text)}**` : escapeText(text);
  return `- ${sentence}${advice ? `\n  ${escapeText(advice)}` : ''}`;
}

const FINDING_MARKS = {
  pass: '✓',
  note: '·',
  warning: '⚠',
  fail: '✗',
  unchecked: '?',
  'not-applicable': '–',
} as const satisfies Record<Finding['state'], string>;

function printFinding({ state, text, detail, check, fixes, source }: Finding): string {
  const sentence = state === 'fail' ? `**${escapeText(text)}**` : escapeText(text);
  const name = check ? ` (${codeSpan(check)})` : '';
  const lines = [
    `- ${FINDING_MARKS[state]} ${sentence}${name}`,
    ...(detail ? [`  - ${escapeText(detail)}`] : []),
    ...fixes.map((fix, i) => {
      const command = fix.command ? ` ${codeSpan(fix.command)}` : '';
      return `  - ${i === 0 ? 'Fix: ' : ''}${escapeText(fix.text)}${command}`;
    }),
    ...(source ? [`  - Source: ${escapeText(source)}`] : []),
  ];
  return lines.join('\n');
}

/** Cells line up in the text up to this width; one that is longer is not worth it. */
const WIDEST_CELL = 60;

function printTable({ columns, rows }: Table): string {
  const cells = [
    columns.map(({ header }) => escapeText(header)),
    ...rows.map((row) => row.map(({ text }) => escapeText(text))),
  ];
  const widths = columns.map((_, i) => {
    return Math.min(WIDEST_CELL, largest([3, ...cells.map((row) => row[i].length)]));
  });
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const pad = (text: string, i: number) => {
    return columns[i].align === 'right' ? text.padStart(widths[i]) : text.padEnd(widths[i]);
  };
  const rule = columns.map(({ align }, i) => {
    const dashes = '-'.repeat(widths[i] - 1);
    return align === 'right' ? `${dashes}:` : `:${dashes}`;
  });
  const [header, ...body] = cells.map((row) => row.map(pad));
  return [header, rule, ...body].map(line).join('\n');
}

/** As in a terminal, in a block of code. */
function printPlot(plot: Plot): string {
  const lines = drawPlot(plot, PLAIN, { width: PLOT_WIDTH, ascii: false });
  return lines.length > 0 ? ['```', ...lines, '```'].join('\n') : '';
}

/** Escapes what GitHub would take for markup: a pipe ends a cell, `<` starts HTML. */
function escapeText(text: string): string {
  return printable(text)
    .replace(/[\\`*[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}

/** Inside backticks nothing is markup; the fence is longer than any run of backticks in the text. */
function codeSpan(text: string): string {
  const plain = printable(text);
  const longest = largest([0, ...(plain.match(/`+/g) ?? []).map(({ length }) => length)]);
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${plain} ${fence}` : fence + plain + fence;
}
