import { describe, expect, it } from 'vitest';
import { displayWidth, printable, wrap } from '../../../src/report/text.js';

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
    ['half a pair \ud800', 'half a pair \\ud800'],
    ['Grüße, 日本語, µs ±1 % 🚀', 'Grüße, 日本語, µs ±1 % 🚀'],
  ])('makes %j visible', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['µs ±', 4],
    ['日本', 4],
    ['e\u0301', 1],
    ['🚀', 2],
  ])('of %s is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('wrap', () => {
  it('breaks at spaces', () => {
    expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
  });

  it('breaks long words where a name has joints, and then anywhere', () => {
    expect(wrap('jit_bf16:avx512_core_amx', 14)).toEqual(['jit_bf16:', 'avx512_core_', 'amx']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('counts columns, not characters, where it breaks a word', () => {
    expect(wrap('日本日本日', 4)).toEqual(['日本', '日本', '日']);
  });

  it('breaks a word of many thousand characters without delay', () => {
    const began = performance.now();
    expect(wrap('日'.repeat(20_000), 18)).toHaveLength(2_223);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('gives one empty line for nothing', () => {
    expect(wrap('', 10)).toEqual(['']);
  });
});
