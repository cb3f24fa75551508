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
 * @param parse throws for what is not JSON
 * @throws MpsbenchError `usage` for an object larger than a result can be
 */
export async function* jsonValues(
  pieces: AsyncIterable<Buffer>,
  source: string,
  parse: (bytes: Buffer) => unknown,
): AsyncGenerator<Found> {
  const objects = new Objects(source, parse);
  for await (const lines of wholeLines(pieces, source)) yield* objects.findIn(lines);
  yield* objects.end();
}

const [NEWLINE, OPEN, CLOSE] = [0x0a, 0x7b, 0x7d];
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Finds objects among lines. An object begins and ends without indentation. */
class Objects {
  readonly #source: string;
  readonly #parse: (bytes: Buffer) => unknown;
  /** Number of the next line. */
  #line = 1;
  /** An object over several lines, as far as it has been read. */
  #open: { readonly line: number; readonly parts: Buffer[]; size: number } | undefined;

  constructor(source: string, parse: (bytes: Buffer) => unknown) {
    this.#source = source;
    this.#parse = parse;
  }

  /** @param lines whole lines, with their newlines */
  *findIn(lines: Buffer): Generator<Found> {
    const hasMark = this.#line === 1 && lines.subarray(0, 3).equals(BYTE_ORDER_MARK);
    let at = hasMark ? BYTE_ORDER_MARK.length : 0;
    while (at < lines.length) {
      if (this.#open) at = this.#keepInner(lines, at);
      if (at === lines.length) return;
      const newline = lines.indexOf(NEWLINE, at);
      const end = newline < 0 ? lines.length : newline + 1;
      yield* this.#read(lines.subarray(at, end));
      this.#line += 1;
      at = end;
    }
  }

  /** The text is over. */
  *end(): Generator<Found> {
    if (!this.#open) return;
    const { line, parts } = this.#open;
    const isWhole = Buffer.concat(parts).toString('latin1').trimEnd().endsWith('}');
    yield { line, damage: isWhole ? 'is not JSON' : 'is cut off' };
    this.#open = undefined;
  }

  /** Adds the lines of an open object that neither end it nor begin another. @returns where they end */
  #keepInner(lines: Buffer, from: number): number {
    let at = from;
    while (at < lines.length && lines[at] !== OPEN && lines[at] !== CLOSE) {
      // Faster than indexOf for short lines.
      while (at < lines.length && lines[at] !== NEWLINE) at += 1;
      at = Math.min(at + 1, lines.length);
      this.#line += 1;
    }
    this.#keep(lines.subarray(from, at));
    return at;
  }

  #keep(lines: Buffer): void {
    if (!this.#open) return;
    this.#open.parts.push(lines);
    this.#open.size += lines.length;
    requireSize(this.#open.size, this.#source);
  }

  /** A line that begins with a brace, or is outside of objects. */
  *#read(line: Buffer): Generator<Found> {
    if (line[0] === OPEN) {
      yield* this.end();
      const value = this.#valueOf(line);
      if (value !== undefined) yield { line: this.#line, value };
      else this.#open = { line: this.#line, parts: [line], size: line.length };
    } else if (this.#open) {
      this.#keep(line);
      const { line: first, parts } = this.#open;
      const value = this.#valueOf(Buffer.concat(parts));
      yield value === undefined ? { line: first, damage: 'is not JSON' } : { line: first, value };
      this.#open = undefined;
    } else {
      const other = line.toString().trimEnd();
      if (other !== '') yield { line: this.#line, other };
    }
  }

  #valueOf(bytes: Buffer): unknown {
    try {
      return this.#parse(bytes);
    } catch {
      return undefined;
    }
  }
}

/** The same bytes, cut behind newlines. */
async function* wholeLines(pieces: AsyncIterable<Buffer>, source: string): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield Buffer.concat([...parts, piece.subarray(0, end)]);
      parts = [];
      bytes = 0;
    }
    parts.push(piece.subarray(end));
    bytes += piece.length - end;
    requireSize(bytes, source);
  }
  yield Buffer.concat(parts);
}
