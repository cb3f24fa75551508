import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

export type FileKind = 'file' | 'folder' | 'other';

export type FileHead =
  | { readonly state: 'read'; readonly bytes: Uint8Array; readonly complete: boolean }
  /** `denied`: no permission; `unreadable`: not a regular file, or the disk reports an error. */
  | { readonly state: 'missing' | 'denied' | 'unreadable' };

const FAILURES: Readonly<Record<string, 'missing' | 'denied'>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'denied',
  EPERM: 'denied',
};

/** The first `maxBytes` of a regular file, whatever the size of the whole. */
export async function readHead(path: string, maxBytes: number): Promise<FileHead> {
  try {
    // Opening a named pipe would otherwise wait for its writer.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return { state: 'unreadable' };
      const buffer = new Uint8Array(Math.min(maxBytes, Math.max(facts.size, 0)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      const complete = facts.size <= maxBytes;
      return { state: 'read', bytes: buffer.subarray(0, filled), complete };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return { state: FAILURES[code] ?? 'unreadable' };
  }
}

/** What is at a path, links followed. */
export async function kind(path: string): Promise<FileKind | undefined> {
  try {
    const facts = await stat(path);
    return facts.isDirectory() ? 'folder' : facts.isFile() ? 'file' : 'other';
  } catch {
    return undefined;
  }
}
