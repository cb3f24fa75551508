import { expect, test } from 'vitest';
import { groupMemoryLimit, limitAdvice, softLimit } from '../../../src/host/limits.js';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max data size             unlimited            unlimited            bytes
Max processes             20                   96365                processes
Max open files            30                   20000                files
Max address space         1228800000           1228800000           bytes
`;
const files = (texts: Readonly<Record<string, string>>) => (path: string) => texts[path];

test('limits are named with the flag that sets them', () => {
  expect(limitAdvice(files({ '/proc/self/limits': LIMITS }))).toBe(
    'This process is limited to 1.14 GiB of address space (ulimit -v) and 20 processes and threads (ulimit -u) and 30 open files (ulimit -n): raise these limits first.',
  );
});

test('usual limits are not mentioned', () => {
  const usual = LIMITS.replace('1228800000 ', 'unlimited ')
    .replace('20  ', '4096')
    .replace('30  ', '1024');
  expect(limitAdvice(files({ '/proc/self/limits': usual }))).toBeUndefined();
  expect(limitAdvice(files({}))).toBeUndefined();
  expect(softLimit('Max data size', files({ '/proc/self/limits': LIMITS }))).toBeUndefined();
});

test('limits of the control group', () => {
  const group = files({
    '/proc/self/cgroup': '8:pids:/job\n4:memory:/job\n',
    '/proc/self/mountinfo':
      '1 2 0:1 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n3 2 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
    '/sys/fs/cgroup/pids/job/pids.max': '12\n',
    '/sys/fs/cgroup/memory/job/memory.limit_in_bytes': '1048576\n',
  });
  expect(limitAdvice(group)).toBe(
    'This process is limited to 12 processes and threads (control group, pids.max): raise the limit first.',
  );
  expect(groupMemoryLimit(2 ** 30, group)).toBe(2 ** 20);
  expect(groupMemoryLimit(2 ** 19, group)).toBeUndefined();
});
