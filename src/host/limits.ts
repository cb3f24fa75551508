import { readFileSync } from 'node:fs';
import { formatBytes } from '../result/units.js';
import { groupFolders } from './cgroup.js';
import { parseNumber } from './source.js';

/** The text of a file; undefined if there is none or it cannot be read. */
export type ReadFile = (path: string) => string | undefined;

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A limit of /proc/self/limits, and below which value it is too tight for mpsbench. */
interface Resource {
  readonly name: string;
  readonly below: number;
  describe(value: number): string;
}

const RESOURCES: readonly Resource[] = [
  {
    // Node alone reserves about 1 GiB; every library and tensor comes on top.
    name: 'Max address space',
    below: Number.POSITIVE_INFINITY,
    describe: (bytes) => `${formatBytes(bytes)} of address space (ulimit -v)`,
  },
  {
    name: 'Max data size',
    below: Number.POSITIVE_INFINITY,
    describe: (bytes) => `${formatBytes(bytes)} of data (ulimit -d)`,
  },
  {
    // Of the user as a whole, threads included: each of our processes has about a dozen.
    name: 'Max processes',
    below: 256,
    describe: (count) => `${count} processes and threads (ulimit -u)`,
  },
  {
    name: 'Max open files',
    below: 128,
    describe: (count) => `${count} open files (ulimit -n)`,
  },
];

/** The soft limit of a resource by its name in /proc/self/limits; undefined if there is none. */
export function softLimit(name: string, read: ReadFile = readText): number | undefined {
  const line = read('/proc/self/limits')
    ?.split('\n')
    .find((one) => one.startsWith(name));
  return parseNumber(line?.slice(name.length).trim().split(/\s+/)[0]);
}

/** Limits of this process that are tighter than what mpsbench needs, each as part of a sentence. Linux only. */
export function tightLimits(read: ReadFile = readText): string[] {
  const own = RESOURCES.flatMap(({ name, below, describe }) => {
    const limit = softLimit(name, read);
    return limit !== undefined && limit < below ? [describe(limit)] : [];
  });
  const pids = groupLimits('pids', read).filter((limit) => limit < 256);
  return [
    ...own,
    ...pids.slice(0, 1).map((limit) => `${limit} processes and threads (control group, pids.max)`),
  ];
}

/** `This process is limited to 30 open files (ulimit -n): raise the limit first.`; undefined without such a limit. */
export function limitAdvice(read: ReadFile = readText): string | undefined {
  const limits = tightLimits(read);
  if (limits.length === 0) return undefined;
  const which = limits.length === 1 ? 'the limit' : 'these limits';
  return `This process is limited to ${limits.join(' and ')}: raise ${which} first.`;
}

/** The tightest memory limit of the control groups, in bytes; undefined if none is below the machine's memory. */
export function groupMemoryLimit(
  totalBytes: number,
  read: ReadFile = readText,
): number | undefined {
  const limit = Math.min(...groupLimits('memory', read));
  return limit < totalBytes ? limit : undefined;
}

function groupLimits(controller: 'memory' | 'pids', read: ReadFile): number[] {
  const file = { memory: ['memory.limit_in_bytes', 'memory.max'], pids: ['pids.max', 'pids.max'] };
  const [own, mounts] = [read('/proc/self/cgroup') ?? '', read('/proc/self/mountinfo') ?? ''];
  return groupFolders(own, mounts, controller).flatMap(({ version, folder }) => {
    return parseNumber(read(`${folder}/${file[controller][version - 1]}`)?.trim()) ?? [];
  });
}
