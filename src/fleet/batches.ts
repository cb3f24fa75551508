import { BOUNDS, requireSize } from '../result/bounds.js';
import { CLOSE, NEWLINE, OPEN } from './json-values.js';
import { skipJson } from './skip-json.js';

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** About twenty results: little memory, and few messages between threads. */
const BATCH_BYTES = 2 ** 20;

/**
 * Cuts a text between its JSON objects, so that each batch can be read without the others.
 * @param source for messages
 * @param batchBytes how large a batch is, unless an object is larger
 * @throws MpsbenchError `usage` for an object larger than a result can be
 */
export async function* batchesOf(
  pieces: AsyncIterable<Buffer>,
  source: string,
  batchBytes = BATCH_BYTES,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let enough = batchBytes;
  for await (const piece of withoutMark(pieces)) {
    parts.push(piece);
    bytes += piece.length;
    if (bytes < enough) continue;
    const text = Buffer.concat(parts);
    const end = endOfObjects(text);
    // A copy, because whoever gets a batch may give its memory away.
    parts = [Buffer.from(text.subarray(end))];
    if (end > 0) yield text.subarray(0, end);
    bytes -= end;
    requireSize(bytes, source);
    // What was looked through without finding an end is not looked through again and again.
    enough = Math.min(Math.max(batchBytes, 2 * bytes), BOUNDS.bytes + 1);
  }
  if (bytes > 0) yield Buffer.concat(parts);
}

/** Index of a line at which no object is open, as far back as there is one; else 0. */
function endOfObjects(text: Buffer): number {
  const begin = lastLineWith(OPEN, text);
  if (begin > 0) return begin;
  const end = text.lastIndexOf(NEWLINE) + 1;
  const isOpen = begin === 0 && !(end > 0 && endsWithin(text.subarray(0, end)));
  return isOpen ? 0 : end;
}

/** Whether the object that begins these lines ends in them. None begins later. */
function endsWithin(lines: Buffer): boolean {
  return (
    lastLineWith(CLOSE, lines) >= 0 || skipJson(lines.subarray(0, lines.indexOf(NEWLINE)), 0) >= 0
  );
}

/** Index of the last line that begins with a byte, or -1. */
function lastLineWith(byte: number, text: Buffer): number {
  const at = text.lastIndexOf(Buffer.of(NEWLINE, byte));
  if (at >= 0) return at + 1;
  return text[0] === byte ? 0 : -1;
}

async function* withoutMark(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const piece of pieces) {
    const hasMark = isFirst && piece.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    yield hasMark ? piece.subarray(BYTE_ORDER_MARK.length) : piece;
    isFirst = false;
  }
}
