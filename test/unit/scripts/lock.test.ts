import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../../scripts/lib/lock.mjs';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-lock-'));
  file = join(folder, 'set-up.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one at a time, and the lock is gone afterwards', async () => {
  const events: string[] = [];
  const work = (name: string) =>
    withLock(
      file,
      async () => {
        events.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 30));
        events.push(`${name} out`);
      },
      { pollMs: 5 },
    );
  await Promise.all([work('a'), work('b'), work('c')]);
  expect(events).toHaveLength(6);
  for (let index = 0; index < 6; index += 2) {
    expect(events[index + 1]).toBe(events[index]?.replace('in', 'out'));
  }
  expect(existsSync(file)).toBe(false);
});

test('what fails inside releases the lock', async () => {
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that has ended is taken over at once', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, JSON.stringify({ pid, host: hostname() }));
  const waits: unknown[] = [];
  const holder = await withLock(file, async () => JSON.parse(readFileSync(file, 'utf8')), {
    onWait: (other: unknown) => waits.push(other),
  });
  expect(holder.pid).toBe(process.pid);
  expect(waits).toEqual([]);
});

test('a lock of elsewhere that nobody touches is stale after a while', async () => {
  writeFileSync(file, JSON.stringify({ pid: 1, host: 'another-machine' }));
  const waits: unknown[] = [];
  await withLock(file, async () => {}, {
    onWait: (other: unknown) => waits.push(other),
    pollMs: 5,
    silenceMs: 40,
  });
  expect(waits).toEqual([{ pid: 1, host: 'another-machine' }]);
});
