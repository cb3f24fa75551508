/**
 * The latest results of this user, kept so that `report --last` and `compare --last` need no file. They
 * lie in the cache folder of the platform (`~/.cache/mpsbench` on Linux, `~/Library/Caches/mpsbench` on
 * macOS), one JSON file each.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { parseResult } from './parse.js';
import { readResultText } from './read.js';
import type { Result } from './schema.js';

/** Older results are deleted. */
export const KEPT_RESULTS = 20;

/** `off` keeps nothing. */
export const HISTORY_VARIABLE = 'MPSBENCH_HISTORY';

/** A result of the store. */
export interface StoredResult {
  readonly path: string;
  readonly result: Result;
}

/**
 * Keeps a result. An unwritable folder does not make a command fail.
 * @returns its path; undefined where it was not kept
 */
export async function keepResult(result: Result): Promise<string | undefined> {
  if (process.env[HISTORY_VARIABLE] === 'off') return undefined;
  try {
    const folder = await resultsFolder();
    makeFolder(folder);
    const path = join(folder, nameOf(result));
    writeFileAtomic(path, `${JSON.stringify(result)}\n`);
    for (const old of storedNames(folder).slice(KEPT_RESULTS)) {
      rmSync(join(folder, old), { force: true });
    }
    return path;
  } catch {
    return undefined;
  }
}

/**
 * The n-th latest result, 1 being the latest.
 * @param command only results of this command; left out, of any
 * @throws MpsbenchError `usage` if there are not so many, or where the file is not a valid result
 */
export async function storedResult(n = 1, command?: Result['command']): Promise<StoredResult> {
  const folder = await resultsFolder();
  const names = storedNames(folder).filter((name) => !command || commandOf(name) === command);
  const name = names[n - 1];
  if (name === undefined) {
    const what = command ? `results of ${command}` : 'results';
    throw new MpsbenchError(
      'usage',
      names.length === 0 ? `No ${what} are kept.` : `Only ${names.length} ${what} are kept.`,
      process.env[HISTORY_VARIABLE] === 'off'
        ? `${HISTORY_VARIABLE}=off keeps none: unset it, or use a file that --json wrote.`
        : 'Run mpsbench bench or mpsbench verify first, or use a file that --json wrote.',
    );
  }
  const path = join(folder, name);
  return { path, result: parseResult(await readResultText(path), path) };
}

async function resultsFolder(): Promise<string> {
  const { default: envPaths } = await import('env-paths');
  return join(envPaths('mpsbench', { suffix: '' }).cache, 'results');
}

/** Makes a folder and those above it; `mkdirSync` with `recursive` never returns for one in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

/** `2026-11-29T12-38-05.123Z-bench-4711.json`: by name is by time. */
function nameOf({ startedAt, command }: Result): string {
  return `${startedAt.replaceAll(':', '-')}-${command}-${process.pid}.json`;
}

const NAME = /^\d{4}-\d\d-\d\dT[\d.-]+Z-(?<command>\w+)-\d+\.json$/;

function commandOf(name: string): string | undefined {
  return NAME.exec(name)?.groups?.command;
}

/** The names of our files, the latest first; a folder that is not there has none. */
function storedNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}
