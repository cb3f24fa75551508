import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's own recursive mkdir never ends where a folder that is
 * there answers ENOENT to a new name, as /proc does (seen with Node 20).
 * @returns the folders that were not there before, each after the one that holds it
 */
export function makeFolder(path: string): string[] {
  const above = dirname(path);
  const made = above !== path && !existsSync(above) ? makeFolder(above) : [];
  try {
    mkdirSync(path);
    return [...made, path];
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
    return made;
  }
}
