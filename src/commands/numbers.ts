import { MpsbenchError } from '../errors.js';

/** How the numbers of the command line are read. Each throws an MpsbenchError `usage`. */

/** How a count may be written, for the help. */
export const COUNT_NOTATION = '4096, 2^20, 4k (4,000), 16M (16,000,000) or 1G (1,000,000,000)';

const SUFFIXES: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/** Node's timers hold milliseconds in 31 bits, and take more for 1 ms. */
const LONGEST_TIMER_S = Math.floor((2 ** 31 - 1) / 1000);

/**
 * A whole number of at least 1; `2^20`, `4k`, `16M` are understood.
 * @param example a valid value, for the advice
 */
export function count(flag: string, text: string, example = '4096 or 2^20'): number {
  const value = parseCount(text);
  if (value === undefined) {
    throw new MpsbenchError(
      'usage',
      `${flag} ${shown(text)} is not a whole number of at least 1.`,
      `Write, for example, ${flag} ${example}.`,
    );
  }
  requireCountable(value, `${flag} ${text} is`);
  return value;
}

/** `2,3` or `2x3` -> [2, 3]. */
export function shape(flag: string, text: string): number[] {
  const extents = text.split(/[,x]/).map((extent) => parseCount(extent.trim()));
  if (!extents.every((extent) => extent !== undefined)) {
    throw new MpsbenchError(
      'usage',
      `${flag} ${shown(text)} is not a shape: every extent is a whole number of at least 1.`,
      `Write, for example, ${flag} 1024,1024 or ${flag} 2x3x4.`,
    );
  }
  requireCountable(
    extents.reduce((product, extent) => product * extent, 1),
    `${flag} ${text} has`,
    ' elements',
  );
  return extents;
}

function requireCountable(value: number, subject: string, unit = ''): void {
  if (Number.isSafeInteger(value)) return;
  throw new MpsbenchError(
    'usage',
    `${subject} 2^53${unit} or more, beyond what can be counted exactly.`,
    'Use a smaller value.',
  );
}

/** May be more than can be counted exactly, or infinite. */
function parseCount(text: string): number | undefined {
  const value = evaluate(text);
  return value >= 1 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
    ? value
    : undefined;
}

function evaluate(text: string): number {
  const [, base, exponent] = /^(\d+)\^(\d+)$/.exec(text) ?? [];
  if (base !== undefined) return Number(base) ** Number(exponent);
  const [, factor, suffix] = /^(\d+)([kMG])$/.exec(text) ?? [];
  if (suffix !== undefined) return Number(factor) * SUFFIXES[suffix];
  return decimal(text);
}

/** A finite number above 0. */
export function positive(flag: string, text: string): number {
  const value = decimal(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new MpsbenchError(
    'usage',
    `${flag} ${shown(text)} is not a number above 0.`,
    `Write, for example, ${flag} 2.5.`,
  );
}

/** A time limit in seconds, no longer than a timer can run. */
export function seconds(flag: string, text: string): number {
  const value = positive(flag, text);
  if (value <= LONGEST_TIMER_S) return value;
  throw new MpsbenchError(
    'usage',
    `${flag} ${text} is longer than a timer can run.`,
    `Use at most ${flag} ${LONGEST_TIMER_S}, which is 24 days.`,
  );
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600 };

/** `45s`, `2m`, `1.5h` or a plain number of seconds, in seconds; no longer than a timer can run. */
export function duration(flag: string, text: string): number {
  const [, number = '', unit = 's'] = /^(.*?)(ms|s|m|h)?$/.exec(text) ?? [];
  const value = decimal(number) * DURATION_UNITS[unit];
  if (value > 0 && value <= LONGEST_TIMER_S) return value;
  throw new MpsbenchError(
    'usage',
    value > 0
      ? `${flag} ${text} is longer than a timer can run.`
      : `${flag} ${shown(text)} is not a time above 0.`,
    `Write, for example, ${flag} 45s or ${flag} 2m.`,
  );
}

/** A whole number from 0 to 2^32 - 1. */
export function seed(flag: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 2 ** 32) return value;
  throw new MpsbenchError(
    'usage',
    `${flag} ${shown(text)} is not a whole number from 0 to 2^32 - 1.`,
    `Write, for example, ${flag} 42.`,
  );
}

/** `12`, `.5`, `1e-3`; NaN for anything else that JavaScript reads as a number (`0x1`, spaces). */
function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** An empty value is visible only in quotes. */
function shown(text: string): string {
  return text.trim() === '' ? `'${text}'` : text;
}
