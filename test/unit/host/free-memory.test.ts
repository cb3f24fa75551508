import { expect, test } from 'vitest';
import { freeMemoryBytes } from '../../../src/host/free-memory.js';

const MIB = 2 ** 20;
const TOTAL = 2000 * MIB;
const files = (texts: Readonly<Record<string, string>>) => (path: string) => texts[path];

const V2 = {
  '/proc/self/cgroup': '0::/ci/job\n',
  '/sys/fs/cgroup/ci/job/memory.stat': `anon ${100 * MIB}\nfile ${900 * MIB}\ninactive_file ${500 * MIB}\nactive_file ${300 * MIB}\nslab_reclaimable ${50 * MIB}\n`,
};

test('the file cache of a limited control group is free', () => {
  expect(freeMemoryBytes(10 * MIB, 1000 * MIB, TOTAL, files(V2))).toBe(860 * MIB);
});

test('also of version 1, and where the path in the container is that of the host', () => {
  const v1 = {
    '/proc/self/cgroup': '4:memory:/docker/0a1b\n1:cpu:/\n0::/\n',
    '/sys/fs/cgroup/memory/memory.stat': `inactive_file 1\ntotal_inactive_file ${30 * MIB}\ntotal_active_file ${20 * MIB}\n`,
  };
  expect(freeMemoryBytes(10 * MIB, 1000 * MIB, TOTAL, files(v1))).toBe(60 * MIB);
});

test('never more than the limit', () => {
  expect(freeMemoryBytes(900 * MIB, 1000 * MIB, TOTAL, files(V2))).toBe(1000 * MIB);
});

test('without a limit, what Node says', () => {
  for (const limit of [0, TOTAL, 2 ** 64]) {
    expect(freeMemoryBytes(10 * MIB, limit, TOTAL, files(V2))).toBe(10 * MIB);
  }
});

test('where nothing can be read, what Node says', () => {
  expect(freeMemoryBytes(10 * MIB, 1000 * MIB, TOTAL, files({}))).toBe(10 * MIB);
});
