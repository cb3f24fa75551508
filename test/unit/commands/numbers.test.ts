import { describe, expect, it, test } from 'vitest';
import { count, positive, seconds, seed, shape } from '../../../src/commands/numbers.js';

/** The message and the advice of what `read` throws. */
function refusal(read: () => unknown): string {
  try {
    return `accepted: ${read()}`;
  } catch (error) {
    const { code, message, advice } = error as { code: string; message: string; advice: string };
    return `${code}: ${message} ${advice}`;
  }
}

describe('count', () => {
  it.each([
    ['1', 1],
    ['4096', 4096],
    ['2^20', 2 ** 20],
    ['4k', 4000],
    ['16M', 16e6],
    ['1G', 1e9],
    ['1e6', 1e6],
  ])('%s', (text, value) => {
    expect(count('--rows', text)).toBe(value);
  });

  it.each(['0', '-3', '1.5', '1e-3', '0x10', ' ', 'many', '2^', '4K'])('refuses %j', (text) => {
    expect(() => count('--rows', text)).toThrow('is not a whole number of at least 1');
  });

  it.each(['2^53', '2^60', '2^99999', '1e400', '9007199254740993'])(
    'rejects %s, which a number cannot represent',
    (text) => {
      expect(() => count('--rows', text)).toThrow(`--rows ${text} is 2^53 or more`);
    },
  );

  it('shows an empty value, and says what the flag accepts', () => {
    expect(refusal(() => count('--threads', '', '4'))).toBe(
      "usage: --threads '' is not a whole number of at least 1. Write, for example, --threads 4.",
    );
  });
});

describe('shape', () => {
  it.each([
    ['2,3', [2, 3]],
    ['2x3x4', [2, 3, 4]],
    ['2^10, 4k', [1024, 4000]],
  ])('%s', (text, value) => {
    expect(shape('--shape', text)).toEqual(value);
  });

  it.each(['2,x', '2,,2', '2,0', ','])('refuses %s as a whole', (text) => {
    expect(refusal(() => shape('--shape', text))).toContain(`--shape ${text} is not a shape`);
  });

  it('refuses more elements than can be counted', () => {
    expect(refusal(() => shape('--shape', '2^40,2^40'))).toContain(
      'usage: --shape 2^40,2^40 has 2^53 elements or more',
    );
  });
});

test('a number above 0 is written in decimal', () => {
  expect(['2', '.5', '1e-3'].map((text) => positive('--time', text))).toEqual([2, 0.5, 0.001]);
  for (const text of ['0', '-1', '0x1', '1e400', 'Infinity', '', ' 2']) {
    expect(refusal(() => positive('--time', text))).toMatch(/^usage: .* is not a number above 0\./);
  }
});

test('a time limit is no longer than a timer can run', () => {
  expect(seconds('--timeout', '2147483')).toBe(2_147_483);
  expect(refusal(() => seconds('--timeout', '2147484'))).toBe(
    'usage: --timeout 2147484 is longer than a timer can run. Use at most --timeout 2147483, which is 24 days.',
  );
});

test('a seed is a whole number of 32 bits', () => {
  expect(seed('--seed', '4294967295')).toBe(2 ** 32 - 1);
  for (const text of ['4294967296', '-1', '1.5', '']) {
    expect(() => seed('--seed', text)).toThrow('is not a whole number from 0 to 2^32 - 1');
  }
});
