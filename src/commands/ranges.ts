import { MpsbenchError } from '../errors.js';
import { count, positive } from './numbers.js';

/** How lists and ranges may be written, for the help. */
export const RANGE_NOTATION = '1,32,256, a range 1..4096*4 (times 4) or 256..8192+256 (plus 256)';

/** Several values of one flag: an axis of a sweep. */
export class ValueList<T> {
  /** At least two, each once. */
  readonly values: readonly T[];

  constructor(values: readonly T[]) {
    this.values = values;
  }
}

/** What a flag with lists gives: a plain value, or several. */
export type OneOrMore<T> = T | ValueList<T>;

/** The values of a flag, whether one or several were given. */
export function valuesOf<T>(value: OneOrMore<T>): readonly T[] {
  return value instanceof ValueList ? value.values : [value];
}

/** A range with more values than this is a mistake, whatever the time. */
const MOST_VALUES = 100_000;

/**
 * Counts as `32`, `1,32,256`, `1..4096*4` or `256..8192+256`, and any mix by commas; ascending, each once. The
 * end of a range belongs to it only if a step meets it. A range without a step counts by one. `x` means `*`, which
 * shells expand.
 * @throws MpsbenchError `usage`
 */
export function counts(flag: string, text: string, example?: string): OneOrMore<number> {
  const parts = text.split(',');
  if (parts.length === 1 && !text.includes('..')) return count(flag, text, example);
  const values = parts.flatMap((part) => readPart(flag, part.trim(), text));
  const unique = [...new Set(values)].sort((a, b) => a - b);
  return unique.length === 1 ? unique[0] : new ValueList(unique);
}

/**
 * Names separated by commas, each once, in the order given.
 * @param read throws for a name that there is not
 */
export function names<T extends string>(
  flag: string,
  text: string,
  read: (name: string) => T,
): OneOrMore<T> {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > 1 && parts.includes('')) {
    throw emptyItem(flag, text, 'Separate names by single commas.');
  }
  const unique = [...new Set(parts.map(read))];
  return unique.length === 1 ? unique[0] : new ValueList(unique);
}

function readPart(flag: string, part: string, whole: string): number[] {
  if (part === '') throw emptyItem(flag, whole);
  return part.includes('..') ? range(flag, part) : [count(flag, part)];
}

function emptyItem(
  flag: string,
  text: string,
  advice = `Write, for example, ${flag} 1,32,256.`,
): MpsbenchError {
  return new MpsbenchError(
    'usage',
    `${flag} ${text === '' ? "''" : text} has an empty item.`,
    advice,
  );
}

function range(flag: string, text: string): number[] {
  const [, from = '', to = '', operator, by = ''] =
    /^(.*?)\.\.([^*x+]*)(?:([*x+])(.*))?$/.exec(text) ?? [];
  const example = `Write, for example, ${flag} 1..4096*4 or ${flag} 256..8192+256.`;
  if (from === '' || to === '' || (operator !== undefined && by === '')) {
    const what = from === '' ? 'a start' : to === '' ? 'an end' : 'a step';
    throw new MpsbenchError('usage', `The range ${flag} ${text} lacks ${what}.`, example);
  }
  const [first, last] = [count(flag, from), count(flag, to)];
  if (first > last) {
    const step = operator ? operator + by : '';
    throw new MpsbenchError(
      'usage',
      `The range ${flag} ${text} descends.`,
      `Write the smaller end first: ${flag} ${to}..${from}${step}.`,
    );
  }
  return operator === '*' || operator === 'x'
    ? geometric(flag, text, first, last, positive(flag, by))
    : arithmetic(flag, text, first, last, operator ? step(flag, text, by) : 1);
}

function step(flag: string, text: string, by: string): number {
  if (/^[+-]?0+$/.test(by)) throw neverEnds(flag, text, 'a step of 0');
  return count(flag, by);
}

function neverEnds(flag: string, text: string, what: string): MpsbenchError {
  return new MpsbenchError(
    'usage',
    `The range ${flag} ${text} never ends: it has ${what}.`,
    'Use a factor above 1 (*4) or a step of at least 1 (+256).',
  );
}

function tooMany(flag: string, text: string, values: number): MpsbenchError {
  return new MpsbenchError(
    'usage',
    `The range ${flag} ${text} has ${Math.floor(values).toLocaleString('en-US')} values.`,
    `Use a coarser step, for example ${flag} ${text.replace(/[*x+].*$/, '')}*4.`,
  );
}

function arithmetic(flag: string, text: string, first: number, last: number, by: number): number[] {
  const length = Math.floor((last - first) / by) + 1;
  if (length > MOST_VALUES) throw tooMany(flag, text, length);
  return Array.from({ length }, (_, i) => first + i * by);
}

/** Whole numbers: a factor such as 1.5 is rounded, and what rounds to the same value counts once. */
function geometric(
  flag: string,
  text: string,
  first: number,
  last: number,
  factor: number,
): number[] {
  if (factor <= 1) throw neverEnds(flag, text, `a factor of ${factor}`);
  const length = Math.floor(Math.log(last / first) / Math.log(factor) + 1e-9) + 1;
  if (length > MOST_VALUES) throw tooMany(flag, text, length);
  const values = Array.from({ length }, (_, i) => Math.round(first * factor ** i));
  return [...new Set(values)].filter((value) => value <= last);
}
