import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import type { Output } from './outputs.js';
import { type RenderOptions, renderAs } from './registry.js';
import type { Result } from './schema.js';

export interface EmitOptions extends RenderOptions {
  /** Writes to stdout. */
  write(text: string): void;
}

/**
 * Finds out whether every output can be written, so that nobody measures for nothing. What is there
 * stays as it is.
 * @throws MpsbenchError `io`
 */
export function checkOutputs(outputs: readonly Output[]): void {
  for (const { target } of outputs) if (target !== 'stdout') checkWritable(target.path);
}

/**
 * Writes a result to every output. One that fails does not keep the others from being written.
 * @throws MpsbenchError `io`, the first failure, after everything else has been written
 */
export function emit(outputs: readonly Output[], result: Result, options: EmitOptions): void {
  const failures: unknown[] = [];
  for (const { format, target } of outputs) {
    try {
      const text = renderAs(format, result, options);
      if (target === 'stdout') options.write(text);
      else writeFileAtomic(target.path, text);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Writes a file so that its name never stands for half of it: to a temporary name in the same
 * folder, then renamed. What is not a regular file (a pipe, /dev/null) is written to directly.
 * @throws MpsbenchError `io`
 */
export function writeFileAtomic(path: string, text: string): void {
  try {
    const file = replaceable(path);
    if (file) writeBeside(file, text, (temporary) => renameSync(temporary, file.path));
    else writeFileSync(path, text);
  } catch (cause) {
    throw ioError(path, cause);
  }
}

function checkWritable(path: string): void {
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
  text: string,
  then: (temporary: string) => void,
): void {
  const suffix = randomBytes(6).toString('hex');
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode });
    then(temporary);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
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
