import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { MpsbenchError } from '../errors.js';
import { systemFailure } from '../system-failure.js';
import { requireSize } from './bounds.js';

/** A path that leads to no file is wrong usage, as is a file that holds no result. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'];

/**
 * The text of a saved result: of a file, a pipe, or stdin for `-`.
 * @param signal ends the wait for a pipe that nobody writes to
 * @throws MpsbenchError `usage` if there is no such file or it is too large, `io`, `interrupted`
 */
export async function readResultText(file: string, signal?: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of readPieces(file, signal)) {
    bytes += piece.length;
    requireSize(bytes, sourceName(file));
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * The bytes of a file, a pipe, or stdin for `-`, piece by piece, however many there are.
 * @throws MpsbenchError `usage` if there is no such file, `io`, `interrupted`
 */
export async function* readPieces(file: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let input: Readable | undefined;
  const stop = () => input?.destroy(new Error('interrupted'));
  try {
    input = isStdin(file) ? process.stdin : openInput(file);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    yield* input as AsyncIterable<Buffer>;
  } catch (cause) {
    throw signal?.aborted
      ? new MpsbenchError('interrupted', 'Interrupted.')
      : unreadable(cause, sourceName(file));
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function unreadable(cause: unknown, source: string): MpsbenchError {
  if (cause instanceof MpsbenchError) return cause;
  if (systemFailure(cause)) return MpsbenchError.from(cause);
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return new MpsbenchError(
    NO_FILE.includes(code) ? 'usage' : 'io',
    `${source} could not be read (${code || message}).`,
    code === 'ENOENT'
      ? 'Check the path; results are saved with --json FILE.'
      : 'Give it a file that was written with --json or --html.',
    { cause },
  );
}

/** With 10,000 results of 50 KiB, Node's 64 KiB would spend as long on single reads as on what is read. */
const READ_BYTES = 2 ** 20;

/** What messages call it. */
export function sourceName(file: string): string {
  return isStdin(file) ? 'Standard input' : file;
}

function isStdin(file: string): boolean {
  return file === '-' || file === '/dev/stdin';
}

/**
 * Opens a file to read. A named pipe is opened without waiting for its writer: a thread that waits in `open` would keep
 * the process from ending, signals included. The socket then waits, and can be destroyed.
 */
function openInput(file: string): Readable {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const facts = fstatSync(fd);
  if (facts.isDirectory()) {
    closeSync(fd);
    throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  }
  return facts.isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream('', { fd, highWaterMark: READ_BYTES });
}
