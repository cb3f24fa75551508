import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResultText } from '../../../src/result/read.js';

let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-read-'));
  execFileSync('mkfifo', [path('pipe'), path('empty')]);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('readResultText', () => {
  it('reads a file', async () => {
    writeFileSync(path('a.json'), '{"é": 1}');
    expect(await readResultText(path('a.json'))).toBe('{"é": 1}');
  });

  it('waits for the writer of a pipe', async () => {
    const read = readResultText(path('pipe'));
    await writeFile(path('pipe'), 'x'.repeat(200_000));
    expect(await read).toHaveLength(200_000);
  });

  it('stops waiting when it is interrupted', async () => {
    const interrupt = new AbortController();
    const read = readResultText(path('empty'), interrupt.signal);
    setTimeout(() => interrupt.abort(), 20);
    await expect(read).rejects.toMatchObject({ code: 'interrupted' });
  });

  it.each([
    ['/dev/zero', 'usage', '/dev/zero is larger than 256 MiB: it is not an mpsbench result.'],
    ['/', 'usage', '/ could not be read (EISDIR).'],
    ['/nowhere/a.json', 'usage', '/nowhere/a.json could not be read (ENOENT).'],
  ])('refuses %s', async (file, code, message) => {
    await expect(readResultText(file)).rejects.toMatchObject({ code, message });
  });
});
