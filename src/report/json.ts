import type { Result } from './schema.js';

/**
 * The result itself, indented for people, but with a raw sample or an array of numbers on one line.
 * JSON has no NaN and no infinity: JSON.stringify writes null, where the schema allows it.
 */
export function renderJson(result: Result): string {
  const text = JSON.stringify(result, null, 2)
    .replace(SAMPLE, (sample) => sample.replace(/\s+/g, ' '))
    .replace(NUMBERS, (_, numbers: string) => `[${numbers.replace(/\s+/g, ' ')}]`);
  return `${text}\n`;
}

// Neither matches inside a string: there, line breaks and quotation marks are escaped.
const SAMPLE = /\{\n\s+"iterations": [^{}[\]]+\}/g;
const NUMBERS = /\[\n\s+([-+.\deE,\s]+?)\n\s+\]/g;
