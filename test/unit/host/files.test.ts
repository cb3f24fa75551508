import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemSource } from '../../../src/host/source.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-files-'));
  writeFileSync(at('short'), 'abc');
  writeFileSync(at('long'), '');
  truncateSync(at('long'), 2 ** 33);
  symlinkSync(at('short'), at('link'));
  symlinkSync(at('cycle'), at('cycle'));
  spawnSync('mkfifo', [at('pipe')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('readHead', () => {
  it('reads a short file whole, through links', async () => {
    const head = await systemSource.readHead(at('link'), 10);
    expect(head).toEqual({ state: 'read', bytes: new Uint8Array([97, 98, 99]), complete: true });
  });

  it('reads the beginning of a file that is larger than memory', async () => {
    const head = await systemSource.readHead(at('long'), 5);
    expect(head).toEqual({ state: 'read', bytes: new Uint8Array(5), complete: false });
  });

  it.each([
    ['gone', 'missing'],
    ['short/below', 'missing'],
    ['pipe', 'unreadable'],
    ['cycle', 'unreadable'],
    ['.', 'unreadable'],
  ])('%s is %s', async (name, state) => {
    expect(await systemSource.readHead(at(name), 5)).toEqual({ state });
  });
});

it.each([
  ['link', 'file'],
  ['.', 'folder'],
  ['pipe', 'other'],
  ['cycle', undefined],
  ['gone', undefined],
])('the kind of %s is %s', async (name, kind) => {
  expect(await systemSource.kind(at(name))).toBe(kind);
});

it('realPath follows links, and ends at cycles', async () => {
  const short = await systemSource.realPath(at('short'));
  expect(await systemSource.realPath(at('link'))).toBe(short);
  expect(await systemSource.realPath(at('cycle'))).toBeUndefined();
});
