import { expect, test } from 'vitest';
import { freeMemory } from '../../../src/host/free-memory.js';

const MIB = 2 ** 20;
const TOTAL = 2000 * MIB;
const FREE = 1500 * MIB;
const free = (texts: Readonly<Record<string, string>>) =>
  freeMemory(FREE, TOTAL, (path) => texts[path]);

const stat = (inactive: number, active: number) =>
  `anon 9\ninactive_file ${inactive * MIB}\nactive_file ${active * MIB}\nslab_reclaimable ${50 * MIB}\ntotal_inactive_file ${inactive * MIB}\ntotal_active_file ${active * MIB}\n`;

const V2 = {
  '/proc/self/cgroup': '0::/ci/job\n',
  '/proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  '/sys/fs/cgroup/ci/job/memory.max': `${1000 * MIB}\n`,
  '/sys/fs/cgroup/ci/job/memory.current': `${990 * MIB}\n`,
  '/sys/fs/cgroup/ci/job/memory.stat': stat(500, 300),
};

test('the file cache of a limited control group is free', () => {
  expect(free(V2)).toEqual({
    bytes: 860 * MIB,
    bound: { what: 'control-group', limitBytes: 1000 * MIB },
  });
});

test('the tightest group counts, wherever it is in the hierarchy', () => {
  const parent = {
    '/sys/fs/cgroup/ci/memory.max': `${400 * MIB}\n`,
    '/sys/fs/cgroup/ci/memory.current': `${300 * MIB}\n`,
  };
  expect(free({ ...V2, ...parent }).bytes).toBe(100 * MIB);
});

test('also of version 1, and if the path in the container is that of the host', () => {
  const v1 = {
    '/proc/self/cgroup': '4:memory:/docker/0a1b\n1:cpu:/\n0::/\n',
    '/proc/self/mountinfo':
      '35 31 0:32 /docker/0a1b /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${200 * MIB}\n`,
    '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${190 * MIB}\n`,
    '/sys/fs/cgroup/memory/memory.stat': stat(30, 20),
  };
  expect(free(v1).bytes).toBe(60 * MIB);
});

test('never more than the limit', () => {
  const cached = { ...V2, '/sys/fs/cgroup/ci/job/memory.stat': stat(900, 900) };
  expect(free(cached).bytes).toBe(1000 * MIB);
});

test('what is left of the address space', () => {
  const limits = {
    '/proc/self/limits': `Limit  Soft Limit  Hard Limit  Units\nMax address space         ${1200 * MIB}           unlimited            bytes\n`,
    '/proc/self/status': `Name: node\nVmSize:\t ${1000 * 1024} kB\n`,
  };
  expect(free(limits)).toEqual({
    bytes: 200 * MIB,
    bound: { what: 'address-space', limitBytes: 1200 * MIB },
  });
});

test('without a limit, what the machine has', () => {
  for (const limit of ['max', '9223372036854771712', '']) {
    expect(free({ ...V2, '/sys/fs/cgroup/ci/job/memory.max': limit })).toEqual({ bytes: FREE });
  }
  expect(free({})).toEqual({ bytes: FREE });
});
