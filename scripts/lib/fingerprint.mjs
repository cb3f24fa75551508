import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { BUILD, ROOT } from './paths.mjs';

/**
 * One hash over the contents of files and folders (recursive), relative to the repository, and over
 * further facts. By content: a checkout or a copy changes times, not what has to be built.
 */
export function fingerprint(paths, facts = []) {
  const hash = createHash('sha1');
  const add = (path) => {
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(join(ROOT, path)).sort()) add(`${path}/${name}`);
    } else {
      hash.update(`${path}\0${stat.size}\0`).update(readFileSync(join(ROOT, path)));
    }
  };
  for (const path of paths) add(path);
  return hash.update(JSON.stringify(facts)).digest('hex');
}

const stampFile = (name) => join(BUILD, `${name}.stamp.json`);

/** @returns {Record<string, unknown>} what was stored under this name; empty where nothing was. */
export function readStamp(name) {
  try {
    return JSON.parse(readFileSync(stampFile(name), 'utf8'));
  } catch {
    return {};
  }
}

export function writeStamp(name, value) {
  writeWhole(stampFile(name), `${JSON.stringify(value)}\n`);
}

/** Writes to a temporary name and renames: a reader sees the old file or the new one. */
export function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}
