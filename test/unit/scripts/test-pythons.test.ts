import { expect, test } from 'vitest';
import { ENVIRONMENTS, testPython } from '../../../scripts/setup/test-pythons.mjs';

test.each(Object.keys(ENVIRONMENTS) as (keyof typeof ENVIRONMENTS)[])(
  '%s: an interpreter that is named is used as it is; else there is one, or the reason why not',
  (name) => {
    const { variable } = ENVIRONMENTS[name];
    expect(testPython(name, { [variable]: '/v/python' })).toEqual({
      python: '/v/python',
      reason: '',
    });
    const found = testPython(name, {});
    expect(found.python === undefined).toBe(found.reason !== '');
  },
);

test('requirements are pinned', () => {
  for (const { requirements } of Object.values(ENVIRONMENTS)) {
    for (const requirement of requirements) expect(requirement).toMatch(/^[\w-]+==\d[\w.]*$/);
  }
});
