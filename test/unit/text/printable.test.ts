import { describe, expect, it } from 'vitest';
import { escapeJson, printable, printableLines, shorten } from '../../../src/text/printable.js';

describe('printable', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['bell\u0007', 'bell\\x07'],
    ['two\nlines\tand a tab', 'two lines and a tab'],
    ['C1 \u009b31m', 'C1 \\x9b31m'],
    ['turned \u202eback', 'turned \\u202eback'],
    ['line\u2028separator', 'line\\u2028separator'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['Arabic mark \u061c', 'Arabic mark \\u061c'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['variation \ufe0f selector', 'variation \\ufe0f selector'],
    ['Hangul \u3164 filler', 'Hangul \\u3164 filler'],
    ['half a pair \ud800', 'half a pair \\ud800'],
    ['Grüße, 日本語, µs ±1 % 🚀', 'Grüße, 日本語, µs ±1 % 🚀'],
  ])('makes %j visible', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});

describe('printableLines', () => {
  it('keeps line breaks, and nothing else that moves the cursor', () => {
    expect(printableLines('one\n\u001b[2Jtwo\r\n')).toBe('one\n\\x1b[2Jtwo\\x0d\n');
  });
});

describe('escapeJson', () => {
  it('changes what is written and not what is read', () => {
    const value = { text: 'a\u202eb\u200bc\u{e0041}d\u009be\ufe0f', 'k\u2066ey': ['日本'] };
    const json = escapeJson(JSON.stringify(value, null, 2));
    expect(json).toContain('a\\u202eb\\u200bc\\udb40\\udc41d\\u009be\\ufe0f');
    expect(json).toContain('日本');
    expect(JSON.parse(json)).toEqual(value);
  });
});

describe('shorten', () => {
  it('leaves out what nobody reads, and says how much', () => {
    expect(shorten('a'.repeat(3), 3)).toBe('aaa');
    expect(shorten('a'.repeat(2003), 3)).toBe('aaa… (2,000 more characters)');
  });
});
