import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MpsbenchError } from './errors.js';

/** A text, or bytes piece by piece. */
type Contents = string | Iterable<Uint8Array>;

/**
 * Writes a file so that its name never stands for half of it: to a temporary name in the same
 * folder, then renamed. What is not a regular file (a pipe, /dev/null) is written to directly.
 * @throws MpsbenchError `io`
 */
export function writeFileAtomic(path: string, contents: Contents): void {
  try {
    const file = replaceable(path);
    if (file) writeBeside(file, contents, (temporary) => renameSync(temporary, file.path));
    else writePieces(path, contents, 'w');
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
    const file = replaceable(path);
    // Permissions do not tell all: file systems are read-only, and names too long.
    if (file) writeBeside(file, '', (temporary) => rmSync(temporary));
    else accessSync(path, constants.W_OK);
  } catch (cause) {
    throw ioError(path, cause);
  }
}

interface Replaceable {
  readonly path: string;
  readonly mode: number;
}

/** The file that a path stands for; undefined where it is not a regular one. */
function replaceable(path: string): Replaceable | undefined {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory() || path.endsWith('/')) {
    throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  }
  if (!existing) return { path, mode: 0o666 };
  // A link keeps pointing to its file, and a file keeps its permissions.
  return existing.isFile() ? { path: realpathSync(path), mode: existing.mode } : undefined;
}

/** Writes to a temporary name in the folder of the file, which `then` renames or removes. */
function writeBeside(
  { path, mode }: Replaceable,
  contents: Contents,
  then: (temporary: string) => void,
): void {
  const suffix = randomBytes(6).toString('hex');
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}.tmp`);
  try {
    writePieces(temporary, contents, 'wx', mode);
    then(temporary);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

function writePieces(path: string, contents: Contents, flag: string, mode?: number): void {
  const file = openSync(path, flag, mode);
  try {
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
  EACCES: () => 'Choose a folder that you may write to.',
  EPERM: () => 'Choose a folder that you may write to.',
  EROFS: () => 'The file system is read-only: choose another folder.',
  ENOSPC: () => 'The disk is full: free some space, or choose another folder.',
};

function ioError(path: string, cause: unknown): MpsbenchError {
  const { code = '', message = String(cause) } = cause as NodeJS.ErrnoException;
  return new MpsbenchError(
    'io',
    `${path} could not be written (${code || message}).`,
    ADVICE[code]?.(path) ?? 'Choose another path.',
    { cause },
  );
}
