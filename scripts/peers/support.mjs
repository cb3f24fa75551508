/** What the comparison with peers shares with the set-up, and goes when the comparison goes. */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

export const fingerprint = (_paths, facts) =>
  createHash('sha1').update(JSON.stringify(facts)).digest('hex');

/** Writes to a temporary name and renames: a reader sees the old file or the new one. */
export function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}
