import { describe, expect, it } from 'vitest';
import { BOUNDS, requireBounds, requireSize } from '../../../src/result/bounds.js';

const nested = (depth: number): unknown => {
  let value: unknown = {};
  for (let i = 1; i < depth; i++) value = i % 2 ? [value] : { value };
  return value;
};

describe('requireBounds', () => {
  it('allows what a run can write', () => {
    requireBounds(nested(BOUNDS.depth), 'a.json');
    requireBounds({ devices: Array(BOUNDS.entries).fill({}) }, 'a.json');
    requireBounds({ samples: Array(BOUNDS.entries + 1).fill(1) }, 'a.json');
  });

  it.each([
    [nested(BOUNDS.depth + 1), 'a.json is nested more than 100 levels deep.'],
    [nested(200_000), 'a.json is nested more than 100 levels deep.'],
    [
      { devices: Array(150_000).fill({}) },
      'a.json has 150,000 entries in "devices"; mpsbench reads at most 10,000.',
    ],
    [
      { rows: [{ params: Object.fromEntries(Array(10_001).entries()) }] },
      'a.json has 10,001 fields in "params"; mpsbench reads at most 10,000.',
    ],
  ])('refuses what only an attacker writes', (value, message) => {
    expect(() => requireBounds(value, 'a.json')).toThrow(message);
  });
});

describe('requireSize', () => {
  it('refuses a file that is larger than any result', () => {
    requireSize(BOUNDS.bytes, 'a.json');
    expect(() => requireSize(BOUNDS.bytes + 1, 'a.json')).toThrow(
      'a.json is larger than 256 MiB: it is not an mpsbench result.',
    );
  });
});
