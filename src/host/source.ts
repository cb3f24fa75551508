import { execFile } from 'node:child_process';
import { access, constants, readdir, readFile, realpath } from 'node:fs/promises';
import os from 'node:os';
import { type FileHead, type FileKind, kind, readHead } from './files.js';

/** Everything that this folder asks of the machine; tests play recorded machines through it. */
export interface HostSource {
  readonly platform: NodeJS.Platform;
  /** Of the running process: `x64` under Rosetta, where the machine itself is `arm64`. */
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly os: OsFacts;
  /** The text of a file; undefined if there is none or it cannot be read. */
  readFile(path: string): Promise<string | undefined>;
  /** The names in a folder; empty if there is none. */
  list(folder: string): Promise<readonly string[]>;
  /** Whether this process may read and write a file, such as a device node; nothing is opened. */
  access(path: string): Promise<Access>;
  /** The first bytes of a regular file; a pipe or a device is never waited for. */
  readHead(path: string, maxBytes: number): Promise<FileHead>;
  /** The path with every link resolved; undefined if there is nothing, or a cycle of links. */
  realPath(path: string): Promise<string | undefined>;
  /** What is at a path, links followed; undefined if nothing is or it cannot be looked at. */
  kind(path: string): Promise<FileKind | undefined>;
  /** What a command prints, whatever its exit code; undefined if it does not run or hangs. */
  exec(command: string, args: readonly string[]): Promise<string | undefined>;
}

export type Access = 'allowed' | 'denied' | 'missing';

/** What Node itself knows. */
export interface OsFacts {
  readonly type: string;
  readonly release: string;
  readonly machine: string;
  readonly cpuModel: string;
  readonly logicalCpus: number;
  readonly totalMemoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly load1: number;
  readonly node: string;
  /** Name of the machine on its network. */
  readonly hostname?: string;
}

const EXEC_TIMEOUT_MS = 2_000;

/** This machine. */
export const systemSource: HostSource = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  get os() {
    const cpus = os.cpus();
    return {
      type: os.type(),
      release: os.release(),
      machine: os.machine(),
      cpuModel: cpus[0]?.model ?? '',
      logicalCpus: cpus.length,
      totalMemoryBytes: os.totalmem(),
      freeMemoryBytes: os.freemem(),
      load1: os.loadavg()[0] ?? 0,
      node: process.versions.node,
      // In a container the system knows another name than the operator.
      hostname: process.env.MPSBENCH_HOST_NAME || os.hostname(),
    };
  },
  readFile: (path) => readFile(path, 'utf8').catch(() => undefined),
  list: (folder) => readdir(folder).catch(() => []),
  access: (path) =>
    access(path, constants.R_OK | constants.W_OK).then(
      () => 'allowed',
      ({ code }: NodeJS.ErrnoException) =>
        code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'denied',
    ),
  readHead,
  realPath: (path) => realpath(path).catch(() => undefined),
  kind,
  exec: (command, args) =>
    new Promise((resolve) => {
      execFile(command, [...args], { timeout: EXEC_TIMEOUT_MS }, (error, stdout) => {
        const ran = !error || typeof error.code === 'number';
        resolve(ran ? stdout : undefined);
      });
    }),
};

/** `key: value` or `key=value` lines; quotes around the value are dropped. */
export function parsePairs(text: string | undefined, separator: ':' | '='): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text?.split('\n') ?? []) {
    const at = line.indexOf(separator);
    if (at <= 0) continue;
    const key = line.slice(0, at).trim();
    // The first of several: /proc/cpuinfo repeats itself for each CPU.
    if (!pairs.has(key)) {
      pairs.set(
        key,
        line
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
    }
  }
  return pairs;
}

/** A number, or undefined if the text is missing or none. */
export function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
