import { freemem, totalmem } from 'node:os';
import { groupFolders } from './cgroup.js';
import { type ReadFile, readText, softLimit } from './limits.js';
import { parseNumber } from './source.js';

/** What this process can allocate, and by what it is bounded. */
export interface FreeMemory {
  readonly bytes: number;
  /** The end of a sentence: `in the control group (limit 1 GiB)`; undefined if the machine itself is the bound. */
  readonly bound?: {
    readonly what: 'control-group' | 'address-space';
    readonly limitBytes: number;
  };
}

/**
 * Memory that this process can allocate without swapping: what the machine has free, what is left in each of its
 * control groups up to the mount point, and what is left of its address space (ulimit -v). The file cache of a
 * group counts as used, but the kernel gives it back, so it is free.
 */
export function freeMemory(
  freeBytes = freemem(),
  totalBytes = totalmem(),
  read: ReadFile = readText,
): FreeMemory {
  const bounds: FreeMemory[] = [
    { bytes: freeBytes },
    ...groupsFree(totalBytes, read),
    ...addressSpaceFree(read),
  ];
  return bounds.reduce((tightest, one) => (one.bytes < tightest.bytes ? one : tightest));
}

/** Files of a group, by version. */
const FILES = {
  1: {
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    reclaimable: ['total_inactive_file', 'total_active_file'],
  },
  2: {
    limit: 'memory.max',
    used: 'memory.current',
    reclaimable: ['inactive_file', 'active_file', 'slab_reclaimable'],
  },
} as const;

function groupsFree(totalBytes: number, read: ReadFile): FreeMemory[] {
  const [own, mounts] = [read('/proc/self/cgroup') ?? '', read('/proc/self/mountinfo') ?? ''];
  return groupFolders(own, mounts, 'memory').flatMap(({ version, folder }): FreeMemory[] => {
    const { limit, used, reclaimable } = FILES[version];
    const [limitBytes, usedBytes] = [limit, used].map((file) => {
      return parseNumber(read(`${folder}/${file}`)?.trim());
    });
    // Without a limit there is `max`, or a number above any memory.
    if (limitBytes === undefined || usedBytes === undefined || limitBytes >= totalBytes) return [];
    const cached = sumOf(read(`${folder}/memory.stat`) ?? '', reclaimable);
    const bytes = Math.min(limitBytes, Math.max(0, limitBytes - usedBytes) + cached);
    return [{ bytes, bound: { what: 'control-group', limitBytes } }];
  });
}

function sumOf(stat: string, names: readonly string[]): number {
  const values = new Map(stat.split('\n').map((line) => line.split(' ') as [string, string]));
  return names.reduce((sum, name) => sum + (Number(values.get(name)) || 0), 0);
}

function addressSpaceFree(read: ReadFile): FreeMemory[] {
  const limitBytes = softLimit('Max address space', read);
  const used = /^VmSize:\s*(\d+) kB$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (limitBytes === undefined || used === undefined) return [];
  const bytes = Math.max(0, limitBytes - Number(used) * 1024);
  return [{ bytes, bound: { what: 'address-space', limitBytes } }];
}
