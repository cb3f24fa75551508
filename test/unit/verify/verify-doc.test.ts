import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contentsOf, verifyDocument } from '../../../scripts/build/verify-doc.mjs';
import * as failures from '../../../src/frameworks/faults/failure-rules.js';
import * as builds from '../../../src/verify/facts/gpu-builds.js';
import * as generations from '../../../src/verify/facts/gpu-generations.js';
import * as facts from '../../../src/verify/facts/index.js';
import * as sources from '../../../src/verify/facts/sources.js';
import * as evidence from '../../../src/verify/frameworks/evidence.js';
import * as registry from '../../../src/verify/registry.js';

const page = verifyDocument(
  contentsOf({ registry, failures, facts, sources, evidence, builds, generations }),
);

test('docs/verify.md is what scripts/build/verify-doc.mjs writes', () => {
  expect(readFileSync(new URL('../../../docs/verify.md', import.meta.url), 'utf8')).toBe(page);
});

test('it lists every check and every rule, each with its sources', () => {
  for (const { id } of registry.CHECKS) expect(page).toContain(`| \`${id}\` |`);
  for (const { id } of Object.values(facts.TABLE).flat()) expect(page).toContain(`| \`${id}\` |`);
  for (const { id } of failures.FAILURE_RULES) expect(page).toContain(`| \`${id}\` |`);
  expect(page.split('\n').filter((line) => /\|\s*\|\s*$/.test(line))).toEqual([]);
});
