/** Text for people: how wide it is in a terminal, and where it may be broken. */

export { printable } from '../text/printable.js';

// Scripts that are two columns wide in a terminal, as in East Asian Width, and emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const ASCII = /^[\x20-\x7e]*$/;

/** Columns that plain text needs in a terminal. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    // Latin letters: neither marks nor wide.
    if (character < '\u0300') {
      width++;
      continue;
    }
    if (/\p{M}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Breaks text at spaces, and words that are longer than a line after `_ : / . ,` or anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ').flatMap((word) => breakWord(word, width))) {
    const columns = displayWidth(word.text);
    const joined = used + word.glue.length + columns;
    if (line !== '' && joined > width) {
      lines.push(line);
      line = word.text;
      used = columns;
    } else {
      used = line === '' ? columns : joined;
      line = line === '' ? word.text : `${line}${word.glue}${word.text}`;
    }
  }
  return [...lines, line];
}

interface Piece {
  readonly text: string;
  /** What joins it to the piece before it on the same line. */
  readonly glue: ' ' | '';
}

function breakWord(word: string, width: number): Piece[] {
  if (displayWidth(word) <= width) return [{ text: word, glue: ' ' }];
  const pieces = word.match(/[^_:/.,]*[_:/.,]|[^_:/.,]+/g) ?? [word];
  return pieces
    .flatMap((piece) => slices(piece, width))
    .map((text, i) => ({ text, glue: i === 0 ? ' ' : '' }));
}

/** Cuts text into parts of at most this many columns, so that a table never has to truncate one. */
function slices(text: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const character of text) {
    const columns = displayWidth(character);
    if (part !== '' && used + columns > width) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += character;
    used += columns;
  }
  return [...parts, part];
}

/** The sentences of a text; a point inside a number or a name ends none. */
export function sentencesOf(text: string): string[] {
  return text.split(/(?<=\.) (?=\S)/);
}
