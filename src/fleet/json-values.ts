import { requireSize } from '../result/bounds.js';

/** A JSON object of a text that holds several, one that is damaged, or a line between them. */
export type Found =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly damage: 'is not JSON' | 'is cut off' }
  | { readonly line: number; readonly other: string };

/**
 * The JSON objects of a text: one per line, or each over several lines as mpsbench writes them, with other lines between
 * them, such as the log of a container that prints a result. One object at a time is in memory.
 * @param source for messages
 * @throws MpsbenchError `usage` for an object larger than a result can be
 */
export async function* jsonValues(
  pieces: AsyncIterable<Buffer>,
  source: string,
): AsyncGenerator<Found> {
  let number = 0;
  let open: { readonly line: number; readonly lines: string[]; size: number } | undefined;
  for await (const text of linesOf(pieces, source)) {
    number += 1;
    const line = number === 1 ? text.replace(/^\ufeff/, '') : text;
    // An object begins and ends without indentation.
    if (line.startsWith('{')) {
      if (open) yield { line: open.line, damage: 'is cut off' };
      open = undefined;
      const value = parse(line);
      if (value !== undefined) yield { line: number, value };
      else open = { line: number, lines: [line], size: line.length };
      continue;
    }
    if (!open) {
      if (line.trim() !== '') yield { line: number, other: line };
      continue;
    }
    open.lines.push(line);
    open.size += line.length;
    requireSize(open.size, source);
    if (!line.startsWith('}')) continue;
    const value = parse(open.lines.join('\n'));
    yield value === undefined
      ? { line: open.line, damage: 'is not JSON' }
      : { line: open.line, value };
    open = undefined;
  }
  if (open) yield { line: open.line, damage: 'is cut off' };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NEWLINE = 10;

/** readline takes three times as long where lines are long. */
async function* linesOf(pieces: AsyncIterable<Buffer>, source: string): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    let from = 0;
    for (let to = piece.indexOf(NEWLINE); to >= 0; to = piece.indexOf(NEWLINE, from)) {
      parts.push(piece.subarray(from, to));
      yield parts.length === 1 ? parts[0].toString() : Buffer.concat(parts).toString();
      parts = [];
      bytes = 0;
      from = to + 1;
    }
    parts.push(piece.subarray(from));
    bytes += piece.length - from;
    requireSize(bytes, source);
  }
  yield Buffer.concat(parts).toString();
}
