import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkWritable, writeFileAtomic } from '../../src/atomic-file.js';
import { MpsbenchError } from '../../src/errors.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-file-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function failureOf(work: () => void): MpsbenchError {
  try {
    work();
  } catch (error) {
    if (error instanceof MpsbenchError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('writeFileAtomic', () => {
  it('writes a new file and leaves nothing else behind', () => {
    writeFileAtomic(join(folder, 'a.json'), 'text');
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('text');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('replaces a file and keeps its permissions', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, 'old and longer');
    chmodSync(path, 0o600);
    writeFileAtomic(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('writes through a link', () => {
    writeFileSync(join(folder, 'real.json'), 'old');
    symlinkSync('real.json', join(folder, 'link.json'));
    writeFileAtomic(join(folder, 'link.json'), 'new');
    expect(readFileSync(join(folder, 'real.json'), 'utf8')).toBe('new');
  });

  it('writes into a pipe instead of replacing it', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    const read = textOf(reader.stdout);
    writeFileAtomic(pipe, 'text');
    expect(await read).toBe('text');
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  it('says what to do where the folder is missing or the path is a folder', () => {
    const missing = join(folder, 'no', 'a.json');
    expect(failureOf(() => writeFileAtomic(missing, '')).toJSON()).toEqual({
      code: 'io',
      message: `${missing} could not be written (ENOENT).`,
      advice: `Create the folder ${join(folder, 'no')} first.`,
    });
    mkdirSync(join(folder, 'no'));
    expect(failureOf(() => writeFileAtomic(join(folder, 'no'), '')).message).toContain('EISDIR');
    expect(readdirSync(folder)).toEqual(['no']);
  });
});

describe('checkWritable', () => {
  it('leaves everything as it is where a file can be written', () => {
    const path = join(folder, 'a.json');
    checkWritable(path);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path, 'old');
    checkWritable(path);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('does not wait for the reader of a pipe', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    checkWritable(pipe);
  });

  it('refuses what writing would refuse', () => {
    writeFileSync(join(folder, 'file'), '');
    const refused = {
      [join(folder, 'no', 'a.json')]: 'ENOENT',
      [join(folder, 'file', 'a.json')]: 'ENOTDIR',
      [folder]: 'EISDIR',
      [join(folder, 'new/')]: 'EISDIR',
      [join(folder, 'x'.repeat(300))]: 'ENAMETOOLONG',
    };
    for (const [path, code] of Object.entries(refused)) {
      const expected = { code: 'io', message: `${path} could not be written (${code}).` };
      expect(failureOf(() => checkWritable(path))).toMatchObject(expected);
      expect(failureOf(() => writeFileAtomic(path, ''))).toMatchObject(expected);
    }
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
