import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
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
import { MpsbenchError } from '../../../src/errors.js';
import { checkWritable, writeFileAtomic } from '../../../src/files/atomic-file.js';

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

  it('keeps every hard link, and a link to a file that does not exist yet', () => {
    const [one, two] = [join(folder, 'a.json'), join(folder, 'b.json')];
    writeFileSync(one, 'old and longer');
    linkSync(one, two);
    writeFileAtomic(one, 'new');
    expect(readFileSync(two, 'utf8')).toBe('new');
    symlinkSync('c.json', join(folder, 'link.json'));
    writeFileAtomic(join(folder, 'link.json'), 'new');
    expect(readFileSync(join(folder, 'c.json'), 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true);
  });

  it('replaces a file with the longest possible name', () => {
    const path = join(folder, 'x'.repeat(255));
    for (const text of ['first', 'second']) {
      writeFileAtomic(path, text);
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  it('keeps a mode that the umask would not allow', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, '');
    chmodSync(path, 0o666);
    writeFileAtomic(path, 'new');
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  it.runIf(process.getuid?.() === 0)('keeps the owner of a file', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, '');
    chownSync(path, 65534, 65533);
    writeFileAtomic(path, 'new');
    expect(statSync(path)).toMatchObject({ uid: 65534, gid: 65533 });
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it.skipIf(process.getuid?.() === 0)('writes in place in a read-only folder', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, 'old');
    chmodSync(folder, 0o500);
    writeFileAtomic(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    chmodSync(folder, 0o700);
  });

  it('refuses a read-only file, even as root, and leaves it as it is', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, 'old', { mode: 0o400 });
    for (const write of [() => checkWritable(path), () => writeFileAtomic(path, 'new')]) {
      expect(failureOf(write).toJSON()).toEqual({
        code: 'io',
        message: `${path} is read-only.`,
        advice: `Make it writable (chmod u+w ${path}), or choose another path.`,
      });
    }
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(statSync(path).mode & 0o777).toBe(0o400);
  });

  it('names a circle of links', () => {
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    expect(failureOf(() => writeFileAtomic(join(folder, 'a'), '')).message).toContain('ELOOP');
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

  it('gives advice if the folder is missing or the path is a folder', () => {
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
  it('changes nothing if the file can be written', () => {
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
