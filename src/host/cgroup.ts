import { type HostSource, parseNumber } from './source.js';

/** Where the groups of one controller are mounted, and which of them this process is in. */
interface Group {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** Below the mount point: empty, or with a leading slash. */
  readonly path: string;
}

/**
 * The CPUs that the control groups of this process may use by their bandwidth limits: the tightest
 * of all groups from its own up to the mount point, of both versions. A group above the mount point (outside the
 * container) is not visible.
 */
export async function readCpuQuota(
  source: Pick<HostSource, 'readFile'>,
): Promise<number | undefined> {
  const limits = (await limitsOf(source)).map(({ quota }) => quota);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** Where the kernel counts how long the groups with a quota were paused: their files cpu.stat. */
export async function throttleFiles(source: Pick<HostSource, 'readFile'>): Promise<string[]> {
  return (await limitsOf(source)).map(({ folder }) => `${folder}/cpu.stat`);
}

/** Every group of this process that has a quota, up to the mount point. */
async function limitsOf(
  source: Pick<HostSource, 'readFile'>,
): Promise<{ folder: string; quota: number }[]> {
  const [own, mounts] = await Promise.all(
    ['/proc/self/cgroup', '/proc/self/mountinfo'].map((path) => source.readFile(path)),
  );
  const found = await Promise.all(
    groupFolders(own ?? '', mounts ?? '', 'cpu').map(async ({ version, folder }) => {
      const quota = await (version === 2 ? quotaOf2 : quotaOf1)(source, folder);
      return quota === undefined ? [] : [{ folder, quota }];
    }),
  );
  return found.flat();
}

/** The whole CPUs in a quota: threads above that are paused for part of every period. */
export function wholeCpus(quota: number): number {
  return Math.max(1, Math.floor(quota));
}

type Controller = 'cpu' | 'memory' | 'pids';

/** The folder of a group, by which its limits are read; version 1 and 2 name their files differently. */
export interface GroupFolder {
  readonly version: 1 | 2;
  readonly folder: string;
}

/**
 * The groups of this process, and all that hold them up to the mount point, for one controller.
 * @param own /proc/self/cgroup
 * @param mounts /proc/self/mountinfo
 */
export function groupFolders(own: string, mounts: string, controller: Controller): GroupFolder[] {
  return groupsOf(own, mounts, controller).flatMap((group) => {
    return foldersOf(group).map((folder) => ({ version: group.version, folder }));
  });
}

function groupsOf(own: string, mounts: string, controller: Controller): Group[] {
  const found = parseMounts(mounts).flatMap(({ root, mountPoint, type, options }) => {
    const version = type === 'cgroup2' ? 2 : 1;
    if (version === 1 && !options.includes(controller)) return [];
    const path = pathOf(own, version, controller);
    return path === undefined ? [] : [{ version, mountPoint, path: below(root, path) } as const];
  });
  // Without mountinfo: where every distribution mounts them.
  if (found.length > 0) return found;
  const pathIn = (version: 1 | 2) => below('/', pathOf(own, version, controller) ?? '/');
  return [
    { version: 2, mountPoint: '/sys/fs/cgroup', path: pathIn(2) },
    { version: 1, mountPoint: `/sys/fs/cgroup/${controller}`, path: pathIn(1) },
  ];
}

/** The path of this process's group, by /proc/self/cgroup: `0::/a`, or `4:cpu,cpuacct:/a`. */
function pathOf(own: string, version: 1 | 2, controller: Controller): string | undefined {
  for (const line of own.split('\n')) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    const isOurs = version === 2 ? id === '0' : controllers?.split(',').includes(controller);
    if (path !== undefined && isOurs) return path;
  }
  return undefined;
}

/**
 * The path below what is mounted. In a container that shares the host's view, both begin with the
 * container's own group; where they do not match, the process's group is what is mounted.
 */
function below(root: string, path: string): string {
  const base = root === '/' ? '' : root;
  const isBelow = path === base || path.startsWith(`${base}/`);
  const relative = isBelow ? path.slice(base.length) : '';
  return relative === '/' || relative.includes('/..') ? '' : relative;
}

/** The folders of the group and of all groups above it, up to the mount point. */
function foldersOf({ mountPoint, path }: Group): string[] {
  const names = path.split('/').filter((name) => name !== '');
  return [
    mountPoint,
    ...names.map((_, depth) => `${mountPoint}/${names.slice(0, depth + 1).join('/')}`),
  ];
}

async function quotaOf2(
  source: Pick<HostSource, 'readFile'>,
  folder: string,
): Promise<number | undefined> {
  const [quota, period] = ((await source.readFile(`${folder}/cpu.max`)) ?? '').trim().split(/\s+/);
  return quotient(quota, period);
}

async function quotaOf1(
  source: Pick<HostSource, 'readFile'>,
  folder: string,
): Promise<number | undefined> {
  const [quota, period] = await Promise.all(
    ['quota', 'period'].map((name) => source.readFile(`${folder}/cpu.cfs_${name}_us`)),
  );
  return quotient(quota?.trim(), period?.trim());
}

/** `max` and -1 mean no limit. */
function quotient(quota: string | undefined, period: string | undefined): number | undefined {
  const [used, of] = [quota, period].map(parseNumber);
  return used !== undefined && used > 0 && of !== undefined && of > 0 ? used / of : undefined;
}

/** The control group lines of /proc/self/mountinfo. */
function parseMounts(
  text: string,
): { root: string; mountPoint: string; type: string; options: string[] }[] {
  return text.split('\n').flatMap((line) => {
    const [mount, file] = line.split(' - ');
    const [, , , root, mountPoint] = mount.split(' ');
    const [type, , options = ''] = file?.split(' ') ?? [];
    if (root === undefined || mountPoint === undefined) return [];
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    return [{ root, mountPoint, type, options: options.split(',') }];
  });
}
