import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MpsbenchError } from '../errors.js';
import type { Output } from '../result/outputs.js';

/** The file of --html, or a new one in the system's folder for temporary files where it has none. */
export function pageOf(outputs: readonly Output[]): { path: string; isTemporary: boolean } {
  const page = outputs.find(({ format, target }) => format === 'html' && target !== 'stdout');
  if (page && page.target !== 'stdout') {
    return { path: resolve(page.target.path), isTemporary: false };
  }
  const name = `mpsbench-${randomBytes(4).toString('hex')}.html`;
  return { path: join(tmpdir(), name), isTemporary: true };
}

/**
 * Opens a page in the user's browser, and does not wait for it.
 * @throws MpsbenchError `io` if no program to open it with can be started
 */
export async function openPage(path: string): Promise<void> {
  const { default: open } = await import('open');
  process.stderr.write(`Opening ${path}\n`);
  try {
    await open(path);
  } catch (cause) {
    throw new MpsbenchError(
      'io',
      `${path} could not be opened in a browser (${(cause as Error).message}).`,
      'Open the file by hand.',
      { cause },
    );
  }
}
