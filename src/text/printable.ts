/**
 * What may reach a terminal. Everything that is printed goes through here: reports, errors, Commander's own
 * messages and what drivers write to stderr.
 */

/**
 * Control characters (C0, C1, DEL), format characters (bidirectional marks, zero-width characters, tags), unpaired
 * surrogates, line separators, and what Unicode says to draw as nothing (variation selectors, Hangul fillers).
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{DI}\u2028\u2029]/gu;

/**
 * Makes every character visible that could move the cursor, colour the terminal or hide text:
 * an escape character becomes `\x1b`. For all strings that came from the machine, from a file or from the command
 * line. The result is one line: line breaks and tabs become spaces.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    if (character === '\n' || character === '\t') return ' ';
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code > 0xffff) return `\\u{${hex}}`;
    return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/** The same for text whose line breaks are ours: help, stack traces, what a compiler says. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/**
 * Escapes the same characters in JSON text, where they can only be inside of strings; line breaks and indentation
 * stay. The value that is read from it is unchanged.
 */
export function escapeJson(json: string): string {
  return json.replace(INVISIBLE, (character) => {
    if (character === '\n') return character;
    return [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join('');
  });
}

/** Nobody reads more of a message; a flag's value or a key in a file can be as long as its writer likes. */
const LONGEST_MESSAGE = 2000;

/** The beginning of a text, and how much was left out. */
export function shorten(text: string, longest = LONGEST_MESSAGE): string {
  if (text.length <= longest) return text;
  const left = (text.length - longest).toLocaleString('en-US');
  return `${text.slice(0, longest)}… (${left} more characters)`;
}
