import { describe, expect, it } from 'vitest';
import { displayWidth, wrap } from '../../../src/report/text.js';

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

  it('counts columns, not characters, when it breaks a word', () => {
    expect(wrap('日本日本日', 4)).toEqual(['日本', '日本', '日']);
  });

  it('breaks a word of a million characters, in time that grows with its length only', () => {
    expect(wrap('日'.repeat(1_000_000), 18)).toHaveLength(111_112);
  });

  it('gives one empty line for nothing', () => {
    expect(wrap('', 10)).toEqual(['']);
  });
});
