import { printable } from '../../text/printable.js';

/** A piece of HTML that is safe to insert: made by `html`, or constant text of ours. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Html | undefined | false | readonly Piece[];

/**
 * Builds HTML. Everything inserted is escaped, and characters that hide or reorder text are made visible; only what
 * `html` itself made goes in as it is.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return new Html(
    strings.map((text, i) => text + (i < values.length ? insert(values[i]) : '')).join(''),
  );
}

/** Constant markup of ours, such as the style sheet: never a text from outside. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** Text of several lines in an attribute. */
export function lines(text: string): Html {
  return new Html(text.split('\n').map(escapeHtml).join('&#10;'));
}

function insert(value: Piece): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(insert).join('');
  return value === undefined || value === false ? '' : escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attribute values in quotes. */
function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
