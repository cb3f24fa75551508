import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { isAsciiOnly } from '../../../src/report/ascii.js';
import { renderTable } from '../../../src/report/registry.js';
import { failuresBench } from '../../fakes/faulty-results.js';
import { gpuBench, softwareBench } from '../../fakes/results.js';

it.each([gpuBench, softwareBench, failuresBench])('a report can be all ASCII', async (result) => {
  const options = { colour: new Chalk({ level: 0 }), width: 100 };
  const text = await renderTable(result, { ...options, ascii: true });
  expect([...text].filter((character) => character > '~')).toEqual([]);
  expect(await renderTable(result, options)).toMatch(/[^\n -~]/);
});

it('bars are drawn with #', async () => {
  const text = await renderTable(gpuBench, {
    colour: new Chalk({ level: 0 }),
    width: 120,
    ascii: true,
  });
  expect(text).toMatch(/yes {7}#{20}\n/);
});

it.each([
  [{ TERM: 'dumb', LANG: 'en_US.UTF-8' }, true],
  [{ TERM: 'xterm', LANG: 'en_US.UTF-8' }, false],
  [{ LANG: 'C' }, true],
  [{ LANG: 'C', LC_ALL: 'C.UTF-8' }, false],
  [{ LANG: 'de_DE.utf8' }, false],
  [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'en_US.ISO-8859-1' }, true],
  // Most containers set no locale, and what shows their output reads UTF-8.
  [{ TERM: 'xterm' }, false],
  [{ LANG: '' }, false],
])('%j: ASCII only %s', (env, expected) => {
  expect(isAsciiOnly(env)).toBe(expected);
});
