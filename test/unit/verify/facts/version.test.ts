import { describe, expect, it } from 'vitest';
import { matches, matching } from '../../../../src/verify/facts/condition.js';
import { outside } from '../../../../src/verify/facts/ranges.js';
import type { Rule } from '../../../../src/verify/facts/types.js';
import {
  baseVersion,
  compareVersions,
  localLabel,
  satisfies,
} from '../../../../src/verify/facts/version.js';

describe('versions', () => {
  it.each([
    ['2.16.2', '2.16.2'],
    ['2.9.1+cu128', '2.9.1'],
    ['2.5.0a0+872d856fea.nv24.08', '2.5.0'],
    ['12.0.post1', '12.0.post1'],
    ['525.60.13', '525.60.13'],
    ['unknown', undefined],
    ['999999999999999999999.1', undefined],
    [`1.${'0'.repeat(300)}`, undefined],
  ])('the release of %s', (version, release) => {
    expect(baseVersion(version)).toBe(release);
  });

  it('compare parts as numbers, missing ones as zero, and nonsense as equal', () => {
    expect(compareVersions('2.10', '2.9')).toBeGreaterThan(0);
    expect(compareVersions('14', '14.0.0')).toBe(0);
    expect(compareVersions('14', 'x')).toBe(0);
  });

  it('keep their local label apart', () => {
    expect(localLabel('2.9.1+cu128')).toBe('cu128');
    expect(localLabel('2.9.1')).toBeUndefined();
  });
});

describe('satisfies', () => {
  it.each([
    ['2.10.0', '>=2.9,<2.11', true],
    ['2.9', '>=2.10', false],
    ['2.18.1', '==2.18.*', true],
    ['2.1.8', '==2.18.*', false],
    ['2.18.1', '==2.18', false],
    ['2.18.0', '==2.18', true],
    ['2.18.1', '!=2.18.*', false],
    ['1.26.4', '~=1.26.0', true],
    ['1.27.0', '~=1.26.0', false],
    ['2.20.0rc1', '>=2.20', true],
    ['2.9.1+cpu', '<=2.9.1', true],
    ['nonsense', '>=0', false],
    ['3.12', '>=3.9 , <3.13', true],
    ['3.12', 'three', false],
  ])('%s %s: %s', (version, specifier, expected) => {
    expect(satisfies(version, specifier)).toBe(expected);
  });

  it.each([
    ['>=3.9,<3.13', '<3.9 || >=3.13'],
    ['==2.15.*', '!=2.15.*'],
  ])('the outside of %s', (range, expected) => {
    expect(outside(range)).toBe(expected);
  });
});

describe('conditions', () => {
  const facts = new Map([
    ['machine', 'apple-silicon'],
    ['torch', '2.9.1'],
  ]);

  it.each([
    [{ torch: '>=2.5' }, true],
    [{ torch: '<2.5 || >=2.9' }, true],
    [{ torch: '<2.5 || >=3' }, false],
    [{ machine: 'intel-mac|apple-silicon' }, true],
    [{ machine: 'apple' }, false],
    [{ machine: 'present', jax: 'absent' }, true],
    [{ jax: '>=0' }, false],
    [{ torch: 'absent' }, false],
    [{}, true],
  ] as const)('%j: %s', (when, expected) => {
    expect(matches(when, facts)).toBe(expected);
  });

  it('of one topic give the first alone', () => {
    const rule = (id: string, topic?: string): Rule => ({
      id,
      ...(topic && { topic }),
      when: {},
      effect: 'works',
      text: '',
      sources: ['jax-docs'],
    });
    const rules = [rule('a', 'one'), rule('b', 'one'), rule('c'), rule('d', 'two')];
    expect(matching(rules, facts).map(({ id }) => id)).toEqual(['a', 'c', 'd']);
  });
});
