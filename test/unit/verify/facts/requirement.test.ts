import { describe, expect, it } from 'vitest';
import { type Markers, parseRequirement } from '../../../../src/verify/facts/requirement.js';

const markers: Markers = {
  variables: new Map([
    ['platform_system', 'Linux'],
    ['platform_machine', 'x86_64'],
    ['python_version', '3.12'],
  ]),
  extras: ['cuda12'],
};

describe('requirements of PEP 508', () => {
  it('are split into name, specifier and extras', () => {
    expect(parseRequirement('Jax_CUDA12.plugin[with-cuda] <=0.9.0,>=0.8.0')).toMatchObject({
      name: 'jax-cuda12-plugin',
      specifier: '<=0.9.0,>=0.8.0',
      extras: ['with-cuda'],
    });
    expect(parseRequirement('typing-extensions (>=4.8.0)')?.specifier).toBe('>=4.8.0');
  });

  it.each([
    ["a; platform_system == 'Linux'", true],
    ["a; platform_system == 'Darwin'", false],
    ["a; platform_system == 'Linux' and platform_machine == 'aarch64'", false],
    ["a; python_version >= '3.10'", true],
    ["a; python_version < '3.9' or platform_machine in 'x86_64 AMD64'", true],
    ["a; extra == 'cuda12'", true],
    ["a; extra == 'test'", false],
    ["a; os_name == 'nt'", undefined],
    ["a; os_name == 'nt' and platform_system == 'Darwin'", false],
    ["a; os_name == 'nt' or platform_system == 'Linux'", true],
  ])('%s: %s', (line, expected) => {
    expect(parseRequirement(line)?.applies(markers)).toBe(expected);
  });

  it.each(['', '-r other.txt', 'a @ https://example.org/a.whl', '((', 'a'.repeat(2000)])(
    'are none in %j',
    (line) => {
      expect(parseRequirement(line)).toBeUndefined();
    },
  );
});
