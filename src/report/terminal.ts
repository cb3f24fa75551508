import type { ChalkInstance } from 'chalk';
import { largest } from '../measure/extremes.js';
import { asciiDocument, toAscii } from './ascii.js';
import type { Block, Document, Facts, Finding, Heading, Note, Paint, Tone } from './document.js';
import { drawPlot } from './terminal-plot.js';
import { drawTable } from './terminal-table.js';
import { displayWidth, printable, wrap } from './text.js';

/** No line is drawn longer than this, however wide the terminal. */
const WIDEST = 160;
const NARROWEST = 40;
/** Values line up behind their labels; a longer label pushes its own value only. */
const WIDEST_LABEL = 40;
const INDENT = '  ';
/** Text that would be narrower than this begins on a line of its own. */
const LEAST_ROOM = 20;

export interface TerminalOptions {
  /** A chalk instance whose level the caller has decided. */
  readonly colour: ChalkInstance;
  /** Columns of the terminal. */
  readonly width: number;
  /** The terminal shows ASCII only. */
  readonly ascii?: boolean;
}

/** Prints a document for a terminal. */
export function printTerminal(
  document: Document,
  { colour, width, ascii = false }: TerminalOptions,
): string {
  const text = print(ascii ? asciiDocument(document) : document, { colour, width, ascii });
  // What is left are marks and rules, each as wide in ASCII.
  return ascii ? toAscii(text) : text;
}

function print(document: Document, { colour, width, ascii = false }: TerminalOptions): string {
  const columns = Math.min(Math.max(width, NARROWEST), WIDEST);
  const paint = paintOf(colour);
  const lines: string[] = [];
  const shown = document.filter(({ kind }) => kind !== 'fold');
  shown.forEach((block, i) => {
    if (i > 0 && needsSpace(shown[i - 1], block)) lines.push('');
    const indent = block.kind === 'finding' ? INDENT.repeat(block.depth ?? 0) : '';
    const printed = printBlock(block, paint, columns - indent.length, ascii);
    for (const line of printed) lines.push(indent + line);
  });
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function paintOf(colour: ChalkInstance): Paint {
  return {
    plain: (text) => text,
    strong: colour.bold,
    good: colour.green,
    bad: colour.red.bold,
    doubtful: colour.yellow,
    quiet: colour.dim,
  };
}

/** Notes and findings follow each other closely, and what a heading announces follows it. */
function needsSpace(before: Block, block: Block): boolean {
  if (before.kind === 'heading') return false;
  if (before.kind === 'finding' && block.kind === 'heading') return block.level === 1;
  return before.kind !== block.kind || !(block.kind === 'note' || block.kind === 'finding');
}

function printBlock(block: Block, paint: Paint, width: number, ascii: boolean): string[] {
  switch (block.kind) {
    case 'heading':
      return printHeading(block, paint, width);
    case 'text':
      return wrap(printable(block.text), width);
    case 'facts':
      return printFacts(block, paint, width);
    case 'note':
      return printNote(block, paint, width);
    case 'finding':
      return printFinding(block, paint, width);
    case 'table':
      return drawTable(block, paint, width - INDENT.length).map((line) => INDENT + line);
    case 'plot':
      return drawPlot(block, paint, { width: width - INDENT.length, ascii }).map(
        (line) => INDENT + line,
      );
    case 'fold':
      return [];
    default:
      return block satisfies never;
  }
}

function printHeading({ level, text, detail }: Heading, paint: Paint, width: number): string[] {
  const title = printable(text);
  const indent = level === 1 ? '' : INDENT;
  const head = indent + (level === 1 ? paint.strong(title) : title);
  if (detail === undefined) return [head];
  const beside = displayWidth(indent + title) + 2;
  if (width - beside < LEAST_ROOM) {
    const below = wrap(printable(detail), width - 2 * INDENT.length);
    return [head, ...below.map((line) => INDENT + INDENT + paint.quiet(line))];
  }
  const [first, ...rest] = wrap(printable(detail), width - beside);
  return [
    `${head}  ${paint.quiet(first)}`,
    ...rest.map((line) => ' '.repeat(beside) + paint.quiet(line)),
  ];
}

function printFacts({ facts }: Facts, paint: Paint, width: number): string[] {
  const labels = facts.map(({ label }) => printable(label));
  const labelWidth = Math.min(largest(labels.map(displayWidth)), WIDEST_LABEL);
  const hanging = ' '.repeat(labelWidth + 2);
  return facts.flatMap(({ value }, i) => {
    const pad = ' '.repeat(Math.max(0, labelWidth - displayWidth(labels[i])) + 2);
    const room = Math.max(width - INDENT.length - labelWidth - 2, 20);
    const [first, ...rest] = wrap(printable(value), room);
    return [
      INDENT + paint.quiet(labels[i]) + pad + first,
      ...rest.map((line) => INDENT + hanging + line),
    ];
  });
}

const FINDING_MARKS = {
  pass: ['✓', 'good'],
  note: ['·', 'quiet'],
  warning: ['!', 'doubtful'],
  fail: ['✗', 'bad'],
  unchecked: ['?', 'doubtful'],
  'not-applicable': ['-', 'quiet'],
} as const satisfies Record<Finding['state'], readonly [mark: string, tone: Tone]>;

function printFinding(
  { state, text, detail, check, fixes, source }: Finding,
  paint: Paint,
  width: number,
): string[] {
  const room = width - INDENT.length - 2;
  const hanging = `${INDENT}  `;
  const [mark, tone] = FINDING_MARKS[state];
  const toned = tone === 'good' || tone === 'quiet' ? paint.plain : paint[tone];
  const [first, ...rest] = wrap(printable(text), room);
  const quiet = [check && `[${check}]`, source].filter(Boolean).join(' ');
  return [
    `${INDENT}${paint[tone](mark)} ${toned(first)}`,
    ...rest.map((line) => hanging + toned(line)),
    ...(detail ? wrap(printable(detail), room).map((line) => hanging + line) : []),
    ...fixes.flatMap((fix, i) => [
      ...wrap(printable(i === 0 ? `Fix: ${fix.text}` : fix.text), room).map(
        (line) => hanging + line,
      ),
      // Never broken into lines: it is there to be copied.
      ...(fix.command ? [`${hanging}$ ${paint.strong(printable(fix.command))}`] : []),
    ]),
    ...(quiet ? wrap(printable(quiet), room).map((line) => hanging + paint.quiet(line)) : []),
  ];
}

const MARKS = { bad: '✗', doubtful: '!', plain: '·' } as const satisfies Record<
  Note['tone'],
  string
>;

function printNote({ tone, text, advice }: Note, paint: Paint, width: number): string[] {
  const room = width - INDENT.length - 2;
  const [first, ...rest] = wrap(printable(text), room);
  const hanging = `${INDENT}  `;
  return [
    `${INDENT}${paint[tone](MARKS[tone])} ${paint[tone](first)}`,
    ...rest.map((line) => hanging + paint[tone](line)),
    ...(advice ? wrap(printable(advice), room).map((line) => hanging + line) : []),
  ];
}
