import { describe, expect, it } from 'vitest';
import { counts, names, ValueList, valuesOf } from '../../../src/commands/ranges.js';

const read = (text: string) => valuesOf(counts('--batch', text));

describe('lists and ranges of counts', () => {
  it.each([
    ['32', [32]],
    ['2^10', [1024]],
    ['1,32,256', [1, 32, 256]],
    ['256, 1,1', [1, 256]],
    ['1..4096*4', [1, 4, 16, 64, 256, 1024, 4096]],
    ['1..4096x4', [1, 4, 16, 64, 256, 1024, 4096]],
    ['1..100*4', [1, 4, 16, 64]],
    ['2^10..2^16*4', [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16]],
    ['256..1024+256', [256, 512, 768, 1024]],
    ['1..4', [1, 2, 3, 4]],
    ['1..8*1.5', [1, 2, 3, 5, 8]],
    ['4k..16k*2', [4000, 8000, 16_000]],
    ['1..64*4,100', [1, 4, 16, 64, 100]],
    ['5..5*2', [5]],
  ])('%s', (text, values) => {
    expect(read(text)).toEqual(values);
  });

  it('one value stays a plain number', () => {
    expect(counts('--batch', '7,7')).toBe(7);
    expect(counts('--batch', '7,8')).toBeInstanceOf(ValueList);
  });

  it.each([
    ['64..1', 'The range --batch 64..1 descends.', '--batch 1..64.'],
    ['64..1*4', 'The range --batch 64..1*4 descends.', '--batch 1..64*4.'],
    ['1..64*1', 'never ends: it has a factor of 1.', 'a factor above 1'],
    ['1..64*0.5', 'never ends: it has a factor of 0.5.', 'a factor above 1'],
    ['1..64+0', 'never ends: it has a step of 0.', 'at least 1'],
    ['..5', 'lacks a start.', 'for example'],
    ['5..', 'lacks an end.', 'for example'],
    ['1..5*', 'lacks a step.', 'for example'],
    ['', "--batch '' is not a whole number", 'for example'],
    ['1,,2', '--batch 1,,2 has an empty item.', 'for example'],
    [',', '--batch , has an empty item.', 'for example'],
    ['0..4', '--batch 0 is not a whole number', 'for example'],
    ['1..64*abc', '--batch abc is not a number above 0.', 'for example'],
    ['1..10000000', 'has 10,000,000 values.', '--batch 1..10000000*4.'],
    ['1..2^40*1.00001', 'values.', '*4.'],
    ['1..2^70*2', '2^53 or more', 'smaller'],
    ['1..2..3', 'is not a whole number', 'for example'],
  ])('%s is refused', (text, message, advice) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringContaining(message),
        advice: expect.stringContaining(advice),
      }),
    );
  });
});

describe('lists of names', () => {
  const upper = (text: string) => text.toUpperCase();

  it('keep their order, each once', () => {
    expect(valuesOf(names('--dtype', 'f32, f16,f32', upper))).toEqual(['F32', 'F16']);
    expect(names('--dtype', 'f32', upper)).toBe('F32');
  });

  it('refuse an empty item', () => {
    expect(() => names('--dtype', 'f32,', upper)).toThrow('--dtype f32, has an empty item.');
  });
});
