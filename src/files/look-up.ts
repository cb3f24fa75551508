import { type Stats, statSync } from 'node:fs';

/**
 * What a path leads to. Undefined where nothing is there, and where it cannot be looked at (a folder above it may not be searched, a
 * name is too long, links lead in a circle): opening it then says why.
 */
export function lookUp(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
