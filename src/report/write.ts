import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import { FORMATS, type FormatId, type RenderOptions } from './registry.js';
import type { Result } from './schema.js';

/** Where one format of a result goes. */
export interface Output {
  readonly format: FormatId;
  readonly target: 'stdout' | { readonly path: string };
}

export interface EmitOptions extends RenderOptions {
  /** Writes to stdout. */
  write(text: string): void;
}

/** The flags that every command with a result has; `true` and `-` mean stdout. */
export interface OutputFlags {
  readonly json?: string | true | undefined;
  readonly csv?: string | true | undefined;
  readonly markdown?: string | true | undefined;
}

export function outputsOf(flags: OutputFlags): Output[] {
  return (['json', 'csv', 'markdown'] as const).flatMap((format): Output[] => {
    const value = flags[format];
    if (value === undefined) return [];
    return [{ format, target: value === true || value === '-' ? 'stdout' : { path: value } }];
  });
}

/**
 * Writes a result in every format that was asked for, and the table for people on stdout unless
 * another format takes stdout. One output that fails does not keep the others from being written.
 * @throws MpsbenchError `io`, the first failure, after everything else has been written
 */
export function emit(outputs: readonly Output[], result: Result, options: EmitOptions): void {
  const table: Output = { format: 'table', target: 'stdout' };
  const all = outputs.some(({ target }) => target === 'stdout') ? outputs : [...outputs, table];
  const failures: unknown[] = [];
  for (const { format, target } of all) {
    try {
      const text = formatOf(format).render(result, options);
      if (target === 'stdout') options.write(text);
      else writeFileAtomic(target.path, text);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function formatOf(id: FormatId) {
  const format = FORMATS.find((format) => format.id === id);
  if (format === undefined) throw new MpsbenchError('internal', `There is no format ${id}.`);
  return format;
}

/** A text, or bytes piece by piece. */
type Contents = string | Iterable<Uint8Array>;

/**
 * Writes a file so that its name never stands for half of it: to a temporary name in the same
 * folder, then renamed. What is not a regular file (a pipe, /dev/null) is written to directly.
 * @throws MpsbenchError `io`
 */
export function writeFileAtomic(path: string, contents: Contents): void {
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) {
      writePieces(path, contents, 'w');
      return;
    }
    // A link keeps pointing to its file, and a file keeps its permissions.
    const target = existing === undefined ? path : realpathSync(path);
    replaceFile(target, contents, existing?.mode ?? 0o666);
  } catch (cause) {
    throw ioError(path, cause);
  }
}

function replaceFile(target: string, contents: Contents, mode: number): void {
  const suffix = randomBytes(6).toString('hex');
  const temporary = join(dirname(target), `.${basename(target)}.${suffix}.tmp`);
  try {
    writePieces(temporary, contents, 'wx', mode);
    renameSync(temporary, target);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

function writePieces(path: string, contents: Contents, flag: string, mode?: number): void {
  const file = openSync(path, flag, mode);
  try {
    for (const piece of typeof contents === 'string' ? [contents] : contents)
      writeFileSync(file, piece);
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
