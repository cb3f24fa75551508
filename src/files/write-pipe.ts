import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MpsbenchError } from '../errors.js';
import { ioError } from './atomic-file.js';

/** How long a named pipe may be without a reader when there is something to write. */
const READER_LIMIT_MS = 10_000;
const POLL_MS = 50;

/**
 * Writes a text to a named pipe. Never waits inside a system call, so that signals work: a reader is waited for, but not
 * forever. One that closes the pipe before the end has had enough, as `head -1` has.
 * @param signal ends the waiting
 * @throws MpsbenchError `io` where nobody reads, `interrupted`
 */
export async function writePipe(
  path: string,
  text: string,
  signal?: AbortSignal,
  limitMs = READER_LIMIT_MS,
): Promise<void> {
  const fd = await openForReader(path, signal, performance.now() + limitMs);
  const socket = new Socket({ fd, readable: false, writable: true });
  const stop = () => socket.destroy(new MpsbenchError('interrupted', 'Interrupted.'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.end(text, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw cause instanceof MpsbenchError ? cause : ioError(path, cause);
  } finally {
    signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
}

async function openForReader(
  path: string,
  signal: AbortSignal | undefined,
  until: number,
): Promise<number> {
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENXIO') throw ioError(path, cause);
      if (signal?.aborted) {
        throw new MpsbenchError('interrupted', `Interrupted: ${path} is a pipe that nobody reads.`);
      }
      if (performance.now() >= until) {
        throw new MpsbenchError(
          'io',
          `${path} is a pipe that nobody reads.`,
          `Start its reader first: cat ${path} &`,
          { cause },
        );
      }
    }
    await sleep(POLL_MS);
  }
}
