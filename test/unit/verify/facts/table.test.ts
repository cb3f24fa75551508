import { describe, expect, it } from 'vitest';
import { fill, matching } from '../../../../src/verify/facts/condition.js';
import { BUILD_SOURCES } from '../../../../src/verify/facts/gpu-builds.js';
import { GENERATION_SOURCES } from '../../../../src/verify/facts/gpu-generations.js';
import { confidenceOf, type Rule, stateOf, TABLE } from '../../../../src/verify/facts/index.js';
import { SOURCES, type Source, sourceText } from '../../../../src/verify/facts/sources.js';
import {
  METAL_PARTNERS,
  NEWEST_PAIR,
} from '../../../../src/verify/facts/tensorflow-metal-pairs.js';
import { EVIDENCE } from '../../../../src/verify/frameworks/evidence.js';
import { CHECKS } from '../../../../src/verify/registry.js';
import { selectChecks } from '../../../../src/verify/select-checks.js';
import { generateExample, valuesOf } from './generate.js';

const RULES: readonly Rule[] = Object.values(TABLE).flat();

describe('the compatibility table', () => {
  it('names each row once', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });

  it('names sources that are all used, and no path of a machine', () => {
    const used = new Set<string>([
      ...RULES.flatMap(({ sources }) => sources),
      ...BUILD_SOURCES,
      ...GENERATION_SOURCES,
    ]);
    expect(RULES.filter(({ sources }) => sources.length === 0)).toEqual([]);
    const texts = Object.keys(SOURCES).map((id) => sourceText(id as keyof typeof SOURCES));
    expect(texts.filter((text) => /\/(?:work|tmp|home|root)\//.test(text))).toEqual([]);
    const shown = new Set(CHECKS.flatMap(({ sources }) => sources));
    const idle = Object.keys(SOURCES).filter(
      (id) => !used.has(id) && !shown.has(sourceText(id as keyof typeof SOURCES)),
    );
    expect(idle).toEqual([]);
  });

  it("fails only on a project's own word, or on two reports that can be opened", () => {
    const failing = RULES.filter((rule) => stateOf(rule) === 'fail');
    expect(failing.length).toBeGreaterThan(40);
    for (const rule of failing) {
      const open = rule.sources.map((id): Source => SOURCES[id]).filter(({ url }) => url);
      const isSure = open.some(({ by }) => by === 'project') || open.length >= 2;
      expect(isSure && !rule.conflict && !rule.inferred, rule.id).toBe(true);
    }
  });

  it('warns of single reports, and of rules without an open source', () => {
    const rule = (sources: Rule['sources']): Rule => ({
      id: 'x',
      when: {},
      effect: 'fails',
      text: '',
      sources,
    });
    expect(confidenceOf(rule(['gha-hang']))).toBe('low');
    expect(confidenceOf(rule(['gha-9918']))).toBe('medium');
    expect(confidenceOf(rule(['gha-9918', 'gha-11899']))).toBe('high');
    expect(confidenceOf(rule(['jax-docs']))).toBe('high');
    expect(stateOf(rule(['gha-9918']))).toBe('warning');
    expect(stateOf({ ...rule(['jax-docs']), conflict: 'no' })).toBe('warning');
    expect(stateOf({ ...rule(['jax-docs']), inferred: true })).toBe('warning');
  });

  it('says what to do wherever the GPU is out of reach', () => {
    const helpless = RULES.filter(
      ({ effect, fixes }) => (effect === 'cpu-only' || effect === 'fails') && !fixes?.length,
    ).map(({ id }) => id);
    // An Intel Mac has no remedy.
    expect(helpless.sort()).toEqual(['mlx-intel-mac', 'torch-intel-mac']);
  });

  it('offers an alternative if a fix needs root', () => {
    const only = RULES.filter(
      ({ fixes = [] }) => fixes.length > 0 && fixes.every(({ root }) => root),
    );
    // Without a driver, or without the library that belongs to it, nothing else helps.
    expect(only.map(({ id }) => id).filter((id) => !/-no-(?:driver|libcuda)$/.test(id))).toEqual(
      [],
    );
  });

  it('names checks that exist in its commands', () => {
    const commands = RULES.flatMap(({ fixes = [] }) =>
      fixes.flatMap(({ command }) => command ?? []),
    );
    const own = commands.filter((command) => command.startsWith('mpsbench verify '));
    expect(own.length).toBeGreaterThan(5);
    for (const command of own) {
      const names = command
        .split(' ')
        .slice(2)
        .filter((word) => !word.startsWith('--'));
      expect(() => selectChecks(names, []), command).not.toThrow();
    }
  });

  it('asks for known evidence only', () => {
    const needed = RULES.flatMap(({ needs = [] }) => needs);
    expect(needed.filter((need) => !(need in EVIDENCE))).toEqual([]);
    expect(RULES.filter(({ effect, needs }) => effect === 'works' && !needs?.length)).toEqual([]);
  });

  it('derives the newest pair and every partner from the rows of pairs', () => {
    expect(NEWEST_PAIR).toMatchObject({
      tensorflow: '2.18.1',
      metal: '1.2.0',
      python: '>=3.9,<3.13',
    });
    expect(METAL_PARTNERS.map(({ series, metal }) => `${series} ${metal}`)).toEqual([
      '2.18 1.2.0',
      '2.17 1.2.0',
      '2.16 1.2.0',
      '2.15 1.1.0',
      '2.14 1.1.0',
      '2.13 1.1.0',
      '2.12 1.0.0',
      '2.10 0.6.0',
      '2.9 0.5.0',
      '2.8 0.4.0',
      '2.7 0.3.0',
      '2.6 0.2.0',
      '2.5 0.1.2',
    ]);
  });
});

describe.each(Object.entries(TABLE))('rules of %s', (_, table: readonly Rule[]) => {
  const values = valuesOf(table);

  it.each(table.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
    const example = generateExample(rule, table, values);
    expect(example, 'no facts make this rule the answer: others hide it').toBeDefined();
    if (!example) return;
    expect(matching(table, example.holds)).toContain(rule);
    expect(matching(table, example.not)).not.toContain(rule);
    expect(fill(rule.text, new Map())).not.toMatch(/[{}]/);
  });
});
