import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dependenciesAreFresh } from '../../../scripts/setup/dependencies.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mpsbench-dependencies-'));
  mkdirSync(join(root, 'node_modules'));
});
afterEach(() => rmSync(root, { recursive: true }));

const LOCKED = {
  '': { version: '0.1.0' },
  'node_modules/chalk': { version: '5.6.2', integrity: 'sha512-a' },
  'node_modules/tool-darwin': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};
const write = (file: string, packages: object) =>
  writeFileSync(join(root, file), JSON.stringify({ packages }));
const installed = (packages: object) => write('node_modules/.package-lock.json', packages);

test('fresh when every package that is not optional is there as locked', () => {
  write('package-lock.json', LOCKED);
  installed({ 'node_modules/chalk': LOCKED['node_modules/chalk'] });
  expect(dependenciesAreFresh(root)).toBe(true);
});

test('stale when nothing is installed, or an installation was not completed', () => {
  write('package-lock.json', LOCKED);
  expect(dependenciesAreFresh(root)).toBe(false);
});

test('stale when a version, a content or a package differs', () => {
  write('package-lock.json', LOCKED);
  installed({ 'node_modules/chalk': { version: '5.6.1', integrity: 'sha512-b' } });
  expect(dependenciesAreFresh(root)).toBe(false);
  installed({ 'node_modules/chalk': { version: '5.6.2', integrity: 'sha512-z' } });
  expect(dependenciesAreFresh(root)).toBe(false);
  installed({});
  expect(dependenciesAreFresh(root)).toBe(false);
});
