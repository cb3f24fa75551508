import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../../scripts/setup/lock.mjs';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-lock-'));
  file = join(folder, 'set-up.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one at a time, the others say whom they wait for, and the lock is gone afterwards', async () => {
  const events: string[] = [];
  const waits: number[] = [];
  const work = (name: string) =>
    withLock(
      file,
      async () => {
        events.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 30));
        events.push(`${name} out`);
      },
      { pollMs: 5, onWait: (pid) => waits.push(pid) },
    );
  await Promise.all([work('a'), work('b'), work('c')]);
  expect(events).toHaveLength(6);
  for (let index = 0; index < 6; index += 2) {
    expect(events[index + 1]).toBe(events[index]?.replace('in', 'out'));
  }
  expect(new Set(waits)).toEqual(new Set([process.pid]));
  expect(existsSync(file)).toBe(false);
});

test('a failure inside releases the lock', async () => {
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that has ended is taken over at once', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, String(pid));
  const waits: number[] = [];
  const holder = await withLock(file, async () => readFileSync(file, 'utf8'), {
    onWait: (other) => waits.push(other),
  });
  expect(holder).toBe(String(process.pid));
  expect(waits).toEqual([]);
});
