import type { Result } from '../result/schema.js';

/**
 * The result itself, indented for people, but with a raw sample or an array of numbers on one line.
 * JSON has no NaN and no infinity: JSON.stringify writes null, where the schema allows it. What could
 * control a terminal is escaped, beyond what JSON demands.
 */
export function renderJson(result: Result): string {
  const text = JSON.stringify(result, null, 2)
    .replace(SAMPLE, (sample) => sample.replace(/\s+/g, ' '))
    .replace(NUMBERS, (_, numbers: string) => `[${numbers.replace(/\s+/g, ' ')}]`)
    .replace(UNSAFE, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return `${text}\n`;
}

// Neither matches inside a string: there, line breaks and quotation marks are escaped.
const SAMPLE = /\{\n\s+"iterations": [^{}[\]]+\}/g;
const NUMBERS = /\[\n\s+([-+.\deE,\s]+?)\n\s+\]/g;
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
