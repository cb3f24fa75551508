import type { Document } from './document.js';

/** What our own texts use beyond ASCII; other text stays as it is. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  ...{ '█': '#', '▉': '#', '▊': '#', '▋': '#', '▌': '#', '▍': '#', '▎': '#', '▏': '#' },
  ...{ '─': '-', '✓': '+', '✗': 'x', '·': '-', '–': '-', '…': '...' },
  ...{ '±': '+/-', µ: 'u', '×': 'x', '°': '', '≥': '>=', '≤': '<=', '→': '->' },
};
const REPLACED = new RegExp(`[${Object.keys(REPLACEMENTS).join('')}]`, 'gu');

/** `±0.8 %` -> `+/-0.8 %`. */
export function toAscii(text: string): string {
  return text.replace(REPLACED, (character) => REPLACEMENTS[character] ?? character);
}

/** The document with every text in ASCII, so that it can be laid out by the widths that are shown. */
export function asciiDocument(document: Document): Document {
  return JSON.parse(JSON.stringify(document), (_, value: unknown) => {
    return typeof value === 'string' ? toAscii(value) : value;
  });
}

/**
 * Whether a terminal can show more than ASCII: not a dumb one, and not where the locale is another
 * character set. Where no locale is set at all, as in most containers, UTF-8 is assumed.
 */
export function isAsciiOnly({ TERM, LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  if (TERM === 'dumb') return true;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return locale !== undefined && locale !== '' && !/utf-?8/i.test(locale);
}
