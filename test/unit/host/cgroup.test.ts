import { expect, test } from 'vitest';
import { readCpuQuota, wholeCpus } from '../../../src/host/cgroup.js';

function quota(files: Record<string, string>): Promise<number | undefined> {
  return readCpuQuota({ readFile: async (path) => files[path] });
}

const MOUNT_2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const MOUNT_1 = '33 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n';

test('no control groups, or none with a limit', async () => {
  expect(await quota({})).toBeUndefined();
  expect(
    await quota({
      '/proc/self/cgroup': '0::/user.slice\n',
      '/proc/self/mountinfo': MOUNT_2,
      '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n',
    }),
  ).toBeUndefined();
});

test('version 2: the tightest of all groups up to the mount point', async () => {
  const files = {
    '/proc/self/cgroup': '0::/kubepods.slice/pod1/main\n',
    '/proc/self/mountinfo': MOUNT_2,
    '/sys/fs/cgroup/kubepods.slice/cpu.max': '800000 100000\n',
    '/sys/fs/cgroup/kubepods.slice/pod1/cpu.max': '150000 100000\n',
    '/sys/fs/cgroup/kubepods.slice/pod1/main/cpu.max': 'max 100000\n',
  };
  expect(await quota(files)).toBe(1.5);
});

test('version 1: a nested group, mounted together with cpuacct', async () => {
  const files = {
    '/proc/self/cgroup': '5:memory:/a\n4:cpu,cpuacct:/slice/job\n',
    '/proc/self/mountinfo': MOUNT_1,
    '/sys/fs/cgroup/cpu,cpuacct/slice/cpu.cfs_quota_us': '50000\n',
    '/sys/fs/cgroup/cpu,cpuacct/slice/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/cpu,cpuacct/slice/job/cpu.cfs_quota_us': '-1\n',
    '/sys/fs/cgroup/cpu,cpuacct/slice/job/cpu.cfs_period_us': '100000\n',
  };
  expect(await quota(files)).toBe(0.5);
});

test('a container that sees the paths of its host: its own group is what is mounted', async () => {
  const files = {
    '/proc/self/cgroup': '4:cpu,cpuacct:/docker/abc/inner\n',
    '/proc/self/mountinfo': MOUNT_1.replace(' / ', ' /docker/abc '),
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000\n',
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us': '250000\n',
    '/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_period_us': '100000\n',
  };
  expect(await quota(files)).toBe(2.5);
  const outside = { ...files, '/proc/self/cgroup': '4:cpu,cpuacct:/docker/other\n' };
  expect(await quota(outside)).toBe(3);
});

test('both versions mounted: the tighter limit counts', async () => {
  const files = {
    '/proc/self/cgroup': '4:cpu:/job\n0::/job\n',
    '/proc/self/mountinfo': `${MOUNT_1}${MOUNT_2.replace('/sys/fs/cgroup ', '/sys/fs/cgroup/unified ')}`,
    '/sys/fs/cgroup/unified/job/cpu.max': '400000 100000\n',
    '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '200000\n',
    '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '100000\n',
  };
  expect(await quota(files)).toBe(2);
});

test.each(['nonsense', '0 0', '100000', '-5 100000', 'max'])('%j is not a limit', async (text) => {
  const files = { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': MOUNT_2 };
  expect(await quota({ ...files, '/sys/fs/cgroup/cpu.max': text })).toBeUndefined();
});

test('whole CPUs: at least one, never more than the quota otherwise', () => {
  expect([0.5, 1, 1.5, 2.9].map(wholeCpus)).toEqual([1, 1, 1, 2]);
});
