import type { ErrorCode } from './errors.js';

/** A failure of the system or of Node's settings, not of mpsbench: what happened and what to do. */
export interface SystemFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice: string;
}

interface NodeError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly path?: unknown;
  readonly syscall?: unknown;
  readonly permission?: unknown;
  readonly resource?: unknown;
}

/** What Node's permission model forbids, with the flag that allows it. */
const PERMISSIONS: Readonly<Record<string, readonly [what: string, flag: string]>> = {
  FileSystemRead: ['read files', '--allow-fs-read=*'],
  FileSystemWrite: ['write files', '--allow-fs-write=PATH'],
  ChildProcess: ['start its worker processes', '--allow-child-process'],
  WorkerThreads: ['start threads', '--allow-worker'],
  Addon: ['load its native addon', '--allow-addons'],
  WASI: ['use WASI', '--allow-wasi'],
};

/** By the system's code; `where` is the file or the call. */
const FAILURES: Readonly<Record<string, (where: string) => SystemFailure>> = {
  EMFILE: (where) => ({
    code: 'io',
    message: `Too many files are open in this process${where}.`,
    advice: 'Raise the limit: ulimit -n 1024',
  }),
  ENFILE: (where) => ({
    code: 'io',
    message: `Too many files are open on this machine${where}.`,
    advice: 'Close other programs, or raise fs.file-max.',
  }),
  EAGAIN: (where) => ({
    code: 'unavailable',
    message: `The system starts no further process or thread${where}.`,
    advice:
      'Raise the limit of processes: ulimit -u, pids.max of the container, or TasksMax of systemd.',
  }),
  ENOMEM: (where) => ({
    code: 'out_of_memory',
    message: `The system has no memory left for this process${where}.`,
    advice: 'Close other programs, or raise the limit: ulimit -v, or that of the container.',
  }),
  ENOSPC: (where) => ({
    code: 'io',
    message: `No space is left on the disk${where}.`,
    advice: 'Free some space; set TMPDIR to use another folder for temporary files.',
  }),
  EDQUOT: (where) => ({
    code: 'io',
    message: `Your disk quota is used up${where}.`,
    advice: 'Free some space; set TMPDIR to use another folder for temporary files.',
  }),
  EROFS: (where) => ({
    code: 'io',
    message: `The file system is read-only${where}.`,
    advice: 'Choose another folder; set TMPDIR to use another folder for temporary files.',
  }),
};

/**
 * Recognises errors of Node that are not bugs of mpsbench: limits of resources, Node's permission model, a working
 * directory that has been deleted. Undefined for everything else.
 */
export function systemFailure(thrown: unknown): SystemFailure | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const error = thrown as NodeError;
  const { code } = error;
  if (code === 'ERR_ACCESS_DENIED') return accessDenied(error);
  if (error.syscall === 'uv_cwd') {
    return {
      code: 'usage',
      message: 'The working directory no longer exists, or is not readable.',
      advice: 'Change to another folder and try again.',
    };
  }
  if (typeof code === 'string' && Object.hasOwn(FAILURES, code))
    return FAILURES[code](placeOf(error));
  if (
    thrown instanceof RangeError &&
    /allocation failed|array buffer allocation/i.test(thrown.message)
  ) {
    return FAILURES.ENOMEM(` (${thrown.message})`);
  }
  return undefined;
}

function accessDenied({ permission, resource }: NodeError): SystemFailure {
  const [what, flag] = PERMISSIONS[String(permission)] ?? ['do this', 'the permission'];
  const where = typeof resource === 'string' && resource !== '' ? ` (${resource})` : '';
  return {
    code: 'usage',
    message: `Node's permission model does not let mpsbench ${what}${where}.`,
    advice: `Start Node with ${flag} as well, or without --permission.`,
  };
}

function placeOf({ path, syscall, code }: NodeError): string {
  const call = [code, syscall].filter((part) => typeof part === 'string').join(', ');
  return typeof path === 'string' ? ` (${call}: ${path})` : ` (${call})`;
}
