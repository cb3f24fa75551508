import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/result/schema.js';
import { type Rule, stateOf, TABLE } from '../../../../src/verify/facts/index.js';
import { SOURCES } from '../../../../src/verify/facts/sources.js';
import { frameworkChecks } from '../../../../src/verify/frameworks/index.js';
import { exampleMachine } from '../../../fakes/example-machines.js';
import { scriptedContext } from '../../../fakes/verify-context.js';
import { EXAMPLES } from './examples.js';

const RULES: readonly Rule[] = Object.values(TABLE).flat();

/** Everything that the framework checks say of an example. */
async function verify(example: string): Promise<readonly Finding[]> {
  const context = scriptedContext(exampleMachine(example));
  return (await Promise.all(frameworkChecks.map((check) => check.run(context)))).flat();
}

describe('the compatibility table', () => {
  it('has an example for every row, and no other', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(RULES.map(({ id }) => id).sort());
  });

  it('names each row once', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });

  it('names public sources that are all used, and no path of a machine', () => {
    const used = new Set(RULES.flatMap(({ sources }) => sources));
    expect(RULES.filter(({ sources }) => sources.length === 0)).toEqual([]);
    expect(
      Object.values(SOURCES).filter((text) => /\/(?:work|tmp|home|root)\//.test(text)),
    ).toEqual([]);
    expect([...used].sort()).toEqual(Object.keys(SOURCES).sort());
  });

  it('never fails what is disputed or unsure', () => {
    const failing = RULES.filter((rule) => stateOf(rule) === 'fail');
    expect(failing.length).toBeGreaterThan(40);
    expect(failing.filter((rule) => rule.conflict || rule.confidence !== 'high')).toEqual([]);
  });

  it('says what to do wherever the GPU is out of reach', () => {
    const helpless = RULES.filter(
      ({ effect, fixes }) => (effect === 'cpu-only' || effect === 'fails') && !fixes?.length,
    ).map(({ id }) => id);
    // An Intel Mac has no remedy.
    expect(helpless.sort()).toEqual(['mlx-intel-mac', 'torch-intel-mac']);
  });
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const example = EXAMPLES[id];

  it('shows where it holds, with its state, sources and filled-in sentence', async () => {
    const found = (await verify(example?.holds ?? '')).find((finding) => finding.rule === id);
    expect(found).toMatchObject({ state: stateOf(rule), confidence: rule.confidence });
    expect(found?.sources).toEqual(rule.sources.map((source) => SOURCES[source]));
    expect(found?.message).not.toMatch(/[{}]|unknown/);
    expect(found?.fixes.length).toBe(rule.fixes?.length ?? 0);
  });

  it('is silent where it does not hold', async () => {
    const rules = (await verify(example?.not ?? '')).map((finding) => finding.rule);
    expect(rules).not.toContain(id);
  });
});
