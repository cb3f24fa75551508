import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KEPT_RESULTS, keepResult, storedResult } from '../../../src/result/result-store.js';
import { devicesResult, gpuBench } from '../../fakes/results.js';

/** Where the results lie: the platform's cache folder, moved into a temporary one. */
let cache: string;
let folder: string;
vi.mock('env-paths', () => ({ default: (name: string) => ({ cache: join(cache, name) }) }));

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'mpsbench-store-'));
  folder = join(cache, 'mpsbench', 'results');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const at = (second: number) => ({
  ...gpuBench,
  startedAt: `2026-01-15T10:20:${String(second).padStart(2, '0')}.000Z`,
});
const verification = {
  ...devicesResult,
  command: 'verify' as const,
  findings: [],
  startedAt: '2026-01-15T10:21:00.000Z',
};

it('keeps the latest results, the latest first', async () => {
  for (let second = 0; second < KEPT_RESULTS + 3; second++) await keepResult(at(second));
  expect(readdirSync(folder)).toHaveLength(KEPT_RESULTS);
  expect((await storedResult()).result).toEqual(at(KEPT_RESULTS + 2));
  expect((await storedResult(2)).result).toEqual(at(KEPT_RESULTS + 1));
  const { path } = await storedResult(KEPT_RESULTS);
  expect(path.startsWith(folder)).toBe(true);
  await expect(storedResult(KEPT_RESULTS + 1)).rejects.toThrow('Only 20 results are kept.');
});

it('finds those of one command', async () => {
  await keepResult(at(1));
  await keepResult(verification);
  expect((await storedResult()).result.command).toBe('verify');
  expect((await storedResult(1, 'bench')).result).toEqual(at(1));
  await expect(storedResult(1, 'devices')).rejects.toThrow('No results of devices are kept.');
});

it('leaves files alone that are not its own', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'notes.json'), 'mine');
  for (let second = 0; second <= KEPT_RESULTS; second++) await keepResult(at(second));
  expect(readdirSync(folder)).toContain('notes.json');
});

it('others cannot read the folder', async () => {
  await keepResult(at(1));
  expect(statSync(folder).mode & 0o077).toBe(0);
});

it('a folder that cannot be written is not a failure', async () => {
  writeFileSync(join(cache, 'mpsbench'), 'a file where the folder would be');
  expect(await keepResult(at(1))).toBeUndefined();
  await expect(storedResult()).rejects.toThrow('No results are kept.');
});

it.runIf(existsSync('/proc/self'))(
  'a folder in /proc is not a failure, and does not hang',
  async () => {
    const own = cache;
    cache = '/proc/mpsbench-cannot-be-made';
    expect(await keepResult(at(1))).toBeUndefined();
    cache = own;
  },
);

it('keeps nothing with MPSBENCH_HISTORY=off', async () => {
  vi.stubEnv('MPSBENCH_HISTORY', 'off');
  expect(await keepResult(at(1))).toBeUndefined();
  await expect(storedResult()).rejects.toMatchObject({
    advice: expect.stringContaining('MPSBENCH_HISTORY=off'),
  });
});

it('a damaged file is named', async () => {
  const path = (await keepResult(at(1))) ?? '';
  writeFileSync(path, '{');
  await expect(storedResult()).rejects.toThrow(path);
});
