/** Text for people: what may reach a terminal, and how wide it is there. */

// Control characters (C0, C1, DEL), line separators, and the marks that reverse the direction of text.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes every character visible that could move the cursor, colour the terminal or hide text:
 * an escape character becomes `\x1b`. For all strings that came from the machine or from a file.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    if (character === '\n' || character === '\t') return ' ';
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
}

// Scripts that take two columns in a terminal, as in East Asian Width, and emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that plain text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Breaks text at spaces, and words that are longer than a line after `_ : / . ,` or anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((word) => breakWord(word, width))) {
    const joined = line === '' ? word.text : `${line}${word.glue}${word.text}`;
    if (line !== '' && displayWidth(joined) > width) {
      lines.push(line);
      line = word.text;
    } else {
      line = joined;
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
  const short = pieces.flatMap((piece) => {
    const characters = [...piece];
    const parts: string[] = [];
    while (characters.length > 0) parts.push(characters.splice(0, width).join(''));
    return parts;
  });
  return short.map((text, i) => ({ text, glue: i === 0 ? ' ' : '' }));
}
