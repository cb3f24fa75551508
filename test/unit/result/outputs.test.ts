import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outputsOf } from '../../../src/result/outputs.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-outputs-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const usage = (message: string) => expect.objectContaining({ code: 'usage', message });

describe('outputsOf', () => {
  it('knows stdout by all of its names', () => {
    expect(outputsOf({ json: true, csv: 'a.csv', markdown: 'a.md' })).toEqual([
      { format: 'json', target: 'stdout' },
      { format: 'csv', target: { path: 'a.csv' } },
      { format: 'markdown', target: { path: 'a.md' } },
    ]);
    for (const name of ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
      expect(outputsOf({ csv: name })).toEqual([{ format: 'csv', target: 'stdout' }]);
    }
    expect(outputsOf({})).toEqual([]);
  });

  it('refuses an empty name', () => {
    expect(() => outputsOf({ csv: '' })).toThrow(usage('--csv has an empty file name.'));
  });

  it('refuses two formats on stdout', () => {
    expect(() => outputsOf({ json: true, csv: '-' })).toThrow(
      usage('--json and --csv both write to stdout.'),
    );
  });

  it('refuses two formats in one file, however it is spelled', () => {
    const path = join(folder, 'a.json');
    const other = join(folder, '..', folder.split('/').at(-1) ?? '', 'a.json');
    const message = usage(`--json and --markdown both write to ${path}.`);
    expect(() => outputsOf({ json: `${folder}/./a.json`, markdown: path })).toThrow(message);
    expect(() => outputsOf({ json: other, markdown: path })).toThrow(message);
    writeFileSync(path, '');
    symlinkSync('a.json', join(folder, 'link.json'));
    expect(() => outputsOf({ json: join(folder, 'link.json'), markdown: path })).toThrow(message);
  });
});
