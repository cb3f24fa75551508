/** A JSON object of a text that holds several, one that is damaged, or a line between them. */
export type Found<T> =
  | { readonly line: number; readonly value: T }
  | { readonly line: number; readonly damage: 'is not JSON' | 'is cut off' }
  | { readonly line: number; readonly other: string };

export interface FoundValues<T> {
  readonly found: readonly Found<T>[];
  /** Number of lines in the text. */
  readonly lines: number;
}

/** An object begins and ends with a brace without indentation. */
export const [NEWLINE, OPEN, CLOSE] = [0x0a, 0x7b, 0x7d];

/**
 * The JSON objects of a text: one per line, or each over several lines as mpsbench writes them, with other lines
 * between them, such as the log of a container that prints a result. Lines count from 1.
 * @param parse throws for what is not JSON
 */
export function jsonValues<T>(text: Buffer, parse: (bytes: Buffer) => T): FoundValues<T> {
  const found: Found<T>[] = [];
  /** An object over several lines. */
  let open: { readonly line: number; readonly from: number } | undefined;
  const parsed = (bytes: Buffer): { value: T } | undefined => {
    try {
      return { value: parse(bytes) };
    } catch {
      return undefined;
    }
  };
  let line = 1;
  for (let at = 0, end = 0; at < text.length; at = end, line += 1) {
    end = endOfLine(text, at);
    if (text[at] === OPEN) {
      if (open) found.push({ line: open.line, damage: damageOf(text.subarray(open.from, at)) });
      const whole = parsed(text.subarray(at, end));
      if (whole) found.push({ line, ...whole });
      open = whole ? undefined : { line, from: at };
    } else if (!open) {
      const other = text.toString('utf8', at, end).trimEnd();
      if (other !== '') found.push({ line, other });
    } else if (text[at] === CLOSE) {
      const whole = parsed(text.subarray(open.from, end));
      found.push({ line: open.line, ...(whole ?? { damage: 'is not JSON' }) });
      open = undefined;
    }
  }
  if (open) found.push({ line: open.line, damage: damageOf(text.subarray(open.from)) });
  return { found, lines: line - 1 };
}

/** Index after the newline. For short lines a loop is faster than indexOf. */
function endOfLine(text: Buffer, from: number): number {
  const near = Math.min(text.length, from + 200);
  for (let at = from; at < near; at += 1) if (text[at] === NEWLINE) return at + 1;
  const newline = text.indexOf(NEWLINE, near);
  return newline < 0 ? text.length : newline + 1;
}

/** What is wrong with an object whose end was not found. */
function damageOf(object: Buffer) {
  const isWhole = object.toString('latin1').trimEnd().endsWith('}');
  return isWhole ? 'is not JSON' : 'is cut off';
}
