import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** The text of a file; undefined where there is none or it may not be read. */
type ReadFile = (path: string) => string | undefined;

/**
 * Bytes that this process can allocate without swapping. In a control group that limits it, Node
 * counts the group's file cache as used; the kernel gives that back, so it is free.
 */
export function freeMemoryBytes(
  available = process.availableMemory(),
  constrained = process.constrainedMemory(),
  total = totalmem(),
  read: ReadFile = readText,
): number {
  // Where there is no limit Node says 0, or a number above any memory.
  if (!constrained || constrained >= total) return available;
  return Math.min(constrained, available + reclaimableBytes(read));
}

const GROUPS = '/proc/self/cgroup';
/** Version 2 of control groups, then version 1: the group's line, its folder, the names to add up. */
const VERSIONS = [
  {
    group: /^0::(\/.*)$/m,
    folder: '/sys/fs/cgroup',
    names: ['inactive_file', 'active_file', 'slab_reclaimable'],
  },
  {
    group: /^\d+:memory:(\/.*)$/m,
    folder: '/sys/fs/cgroup/memory',
    names: ['total_inactive_file', 'total_active_file'],
  },
] as const;

function reclaimableBytes(read: ReadFile): number {
  const groups = read(GROUPS) ?? '';
  for (const { group, folder, names } of VERSIONS) {
    const own = group.exec(groups)?.[1];
    if (own === undefined) continue;
    // Inside a container the path can be that of the host, and the group is mounted at the top.
    const stat = read(`${folder}${own}/memory.stat`) ?? read(`${folder}/memory.stat`);
    if (stat === undefined) continue;
    const values = new Map(
      stat.split('\n').map((line) => line.split(' ') as [string, string | undefined]),
    );
    return names.reduce((sum, name) => sum + (Number(values.get(name)) || 0), 0);
  }
  return 0;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
