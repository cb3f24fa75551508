import type { Document } from './document.js';

/** What we draw and write beyond ASCII. */
const ASCII_LIKE: Readonly<Record<string, string>> = {
  ...{ '█': '#', '▉': '#', '▊': '#', '▋': '#', '▌': '#', '▍': '#', '▎': '#', '▏': '#' },
  ...{ '─': '-', '│': '|', '└': '+', '┄': '-', '✓': '+', '✗': 'x', '⚠': '!', '·': '-' },
  ...{ '–': '-', '—': '-', '…': '...', '’': "'", '±': '+/-', µ: 'u', '×': 'x', '°': '' },
  ...{ '≥': '>=', '≤': '<=', '→': '->' },
};

/** `±0.8 %` -> `+/-0.8 %`; what has no like becomes a question mark. */
export function toAscii(text: string): string {
  return text.replace(/\P{ASCII}/gu, (character) => ASCII_LIKE[character] ?? '?');
}

/** The document with every text in ASCII, so that it can be laid out by the widths that are shown. */
export function asciiDocument(document: Document): Document {
  return JSON.parse(JSON.stringify(document), (_, value: unknown) => {
    return typeof value === 'string' ? toAscii(value) : value;
  });
}

/**
 * Whether a terminal can show more than ASCII: not a dumb one, and not where the locale is another
 * character set. If no locale is set at all, as in most containers, UTF-8 is assumed.
 */
export function isAsciiOnly({ TERM, LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  if (TERM === 'dumb') return true;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return locale !== undefined && locale !== '' && !/utf-?8/i.test(locale);
}
