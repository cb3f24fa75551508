import type { Result } from '../result/schema.js';
import { escapeJson } from '../text/printable.js';

/**
 * The result itself, indented for people, but with a raw sample or an array of numbers on one line.
 * JSON has no NaN and no infinity: JSON.stringify writes null, where the schema allows it. What could
 * control a terminal or hide text is escaped, beyond what JSON demands.
 */
export function renderJson(result: Result): string {
  return `${escapeJson(compact(JSON.stringify(result, null, 2)))}\n`;
}

/**
 * Puts raw samples and arrays of numbers on one line each. A line of JSON.stringify is one value, or begins or ends one:
 * no string reaches beyond its line, and what is inside a string stays as it is.
 */
function compact(json: string): string {
  const lines = json.split('\n');
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const end = lines[i].endsWith('{') ? endOfSample(lines, i) : endOfNumbers(lines, i);
    if (end === undefined) {
      kept.push(lines[i]);
      continue;
    }
    const inner = lines.slice(i + 1, end).map((line) => line.trimStart());
    const space = lines[i].endsWith('{') ? ' ' : '';
    kept.push(`${lines[i]}${space}${inner.join(' ')}${space}${lines[end].trimStart()}`);
    i = end;
  }
  return kept.join('\n');
}

/** The index of the line that ends a sample; undefined for another object, or one with an object or array inside. */
function endOfSample(lines: readonly string[], start: number): number | undefined {
  if (!/^ +"iterations": /.test(lines[start + 1] ?? '')) return undefined;
  let at = start + 1;
  while (!/[{[]$|^ *\}/.test(lines[at])) at++;
  return /^ *\}/.test(lines[at]) ? at : undefined;
}

/** The index of the line that ends an array of at least one number, and nothing but numbers. */
function endOfNumbers(lines: readonly string[], start: number): number | undefined {
  if (!lines[start].endsWith('[')) return undefined;
  let at = start + 1;
  while (/^ *-?\d[\d.eE+-]*,?$/.test(lines[at])) at++;
  return at > start + 1 && /^ *\]/.test(lines[at]) ? at : undefined;
}
