import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MpsbenchError } from '../errors.js';

/** A text, or bytes piece by piece. */
type Contents = string | Iterable<Uint8Array>;

/**
 * Writes a file so that it never exists half-written: to a temporary name in the same
 * folder, then renamed. Mode and owner of a file that is replaced are kept; its ACL and extended attributes are not.
 *
 * A file is written in place, as `cp` does it, where renaming would change more than its contents: one with several
 * hard links, one whose owner we cannot keep, one in a folder that we may not change, a device, and what is
 * behind /dev/fd.
 * @throws MpsbenchError `io`, also for a file that is read-only
 */
export function writeFileAtomic(path: string, contents: Contents): void {
  try {
    const target = targetOf(path);
    if (target.how === 'in-place') writePieces(target.path, contents, target.flag);
    else if (!replace(target, contents)) writePieces(target.path, contents, 'w');
  } catch (cause) {
    throw ioError(path, cause);
  }
}

/**
 * Finds out whether `writeFileAtomic` could write the file, and leaves what is there as it is.
 * @throws MpsbenchError `io`
 */
export function checkWritable(path: string): void {
  try {
    const target = targetOf(path);
    // Permissions do not tell all: file systems are read-only, and names too long.
    if (target.how === 'replace' && !target.existing) {
      writeBeside(target, '', (temporary) => rmSync(temporary));
    }
  } catch (cause) {
    throw ioError(path, cause);
  }
}

/** Whether this is a named pipe: opening it waits for its reader. */
export function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    return false;
  }
}

type Target =
  | { readonly how: 'in-place'; readonly path: string; readonly flag: 'w' | 'a' }
  | { readonly how: 'replace'; readonly path: string; readonly existing?: Stats };

/** Opened by the shell: writing continues after what is already there. */
const OPEN_FILE = /^\/(dev\/(std(out|err)|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

/** The file behind a path, and how to write it. */
function targetOf(path: string): Target {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory() || path.endsWith('/')) throw failure('EISDIR', 'is a folder');
  if (!existing) return { how: 'replace', path: endOfLinks(path) };
  if (existing.isBlockDevice()) throw failure('EBLOCK', 'is a disk');
  // Root may write everything; whoever made a file read-only did not mean it to be replaced.
  if (existing.isFile() && (existing.mode & 0o222) === 0)
    throw failure('EREADONLY', 'is read-only');
  accessSync(path, constants.W_OK);
  if (OPEN_FILE.test(path)) return { how: 'in-place', path, flag: 'a' };
  if (!existing.isFile() || existing.nlink > 1) return { how: 'in-place', path, flag: 'w' };
  // A link keeps pointing to its file.
  return { how: 'replace', path: realpathSync(path), existing };
}

/** Where a link to a file that does not exist yet leads; Linux follows no more than 40. */
function endOfLinks(path: string): string {
  let end = path;
  for (let links = 0; links < 40; links++) {
    try {
      end = resolve(dirname(end), readlinkSync(end));
    } catch {
      return end;
    }
  }
  throw failure('ELOOP', 'is a circle of links');
}

/** @returns false if the file has to be written in place: we may not make others in its folder, or keep its owner */
function replace(target: Target & { how: 'replace' }, contents: Contents): boolean {
  const { path, existing } = target;
  try {
    writeBeside(target, contents, (temporary) => {
      if (existing && !keepOwner(temporary, existing)) throw failure('EOWNER', 'has another owner');
      renameSync(temporary, path);
    });
    return true;
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (existing && ['EACCES', 'EPERM', 'EOWNER'].includes(code)) return false;
    throw cause;
  }
}

function keepOwner(temporary: string, { uid, gid }: Stats): boolean {
  const made = statSync(temporary);
  if (made.uid === uid && made.gid === gid) return true;
  try {
    chownSync(temporary, uid, gid);
    return true;
  } catch {
    return false;
  }
}

/** Writes to a temporary name in the folder of the file, which `then` renames or removes. */
function writeBeside(
  { path, existing }: Target & { how: 'replace' },
  contents: Contents,
  then: (temporary: string) => void,
): void {
  // Shorter than a name may be, whatever the name of the file.
  const temporary = join(dirname(path), `.mpsbench-${randomBytes(6).toString('hex')}.tmp`);
  try {
    writePieces(temporary, contents, 'wx', existing && existing.mode & 0o777);
    then(temporary);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

/** @param mode exactly this, whatever the umask */
function writePieces(path: string, contents: Contents, flag: string, mode?: number): void {
  const file = openSync(path, flag, mode ?? 0o666);
  try {
    if (mode !== undefined) fchmodSync(file, mode);
    const pieces = typeof contents === 'string' ? [contents] : contents;
    for (const piece of pieces) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}

const ADVICE: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `Create the folder ${dirname(path)} first.`,
  ENOTDIR: (path) => `${dirname(path)} is not a folder: choose another path.`,
  EISDIR: (path) => `${path} is a folder: add a file name.`,
  EACCES: () => 'Choose a file and a folder that you may write to.',
  EPERM: () => 'Choose a folder that you may write to.',
  EROFS: () => 'The file system is read-only: choose another folder.',
  ENOSPC: () => 'The disk is full: free some space, or choose another folder.',
  EDQUOT: () => 'Your disk quota is used up: free some space, or choose another folder.',
  EFBIG: () => 'It is larger than the limit for files (ulimit -f): raise the limit.',
  EMFILE: () => 'Too many files are open: raise the limit (ulimit -n).',
  ERR_ACCESS_DENIED: () => "Node's permission model forbids it: add --allow-fs-write=PATH.",
};

/** Refusals of our own: what is wrong, and what to do. */
const REFUSALS: Readonly<Record<string, (path: string) => [what: string, advice: string]>> = {
  EREADONLY: (path) => [
    'is read-only',
    `Make it writable (chmod u+w ${path}), or choose another path.`,
  ],
  EBLOCK: () => ['is a disk: it is not written to', 'Choose a file.'],
};

/** The error for a file that could not be written: what the system said, and what to do. */
export function ioError(path: string, cause: unknown): MpsbenchError {
  const { code = '', message = String(cause) } = cause as NodeJS.ErrnoException;
  const [what, advice] = REFUSALS[code]?.(path) ?? [
    `could not be written (${code || message})`,
    ADVICE[code]?.(path) ?? 'Choose another path.',
  ];
  return new MpsbenchError('io', `${path} ${what}.`, advice, { cause });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
