import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import { lookUp } from '../files/look-up.js';
import { readPieces, sourceName } from '../result/read.js';
import { jsonValues } from './json-values.js';
import { type Reading, readingOf, WANTED } from './reading.js';
import { skimJson } from './skim-json.js';

export interface FleetInput {
  readonly readings: readonly Reading[];
  /** What is no result, a sentence each: the rest goes on without it. */
  readonly unreadable: readonly string[];
}

/**
 * Reads results of many hosts: files and pipes that hold one or many, folders of them, or - for stdin.
 * What is no result is left out with a sentence. One result at a time is in memory.
 * @throws MpsbenchError `usage` for a path that is not there, `interrupted`
 */
export async function readFleet(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<FleetInput> {
  const readings: Reading[] = [];
  const unreadable: string[] = [];
  for (const path of paths.flatMap(filesOf)) {
    if (signal.aborted) throw new MpsbenchError('interrupted', 'Interrupted.');
    unreadable.push(...(await readSource(path, signal, readings)));
  }
  return { readings, unreadable };
}

/** Adds the results of a file, a pipe or stdin. @returns what else it holds, a sentence each */
async function readSource(
  path: string,
  signal: AbortSignal,
  readings: Reading[],
): Promise<readonly string[]> {
  const source = sourceName(path);
  const complaints = new Complaints(source);
  try {
    const values = jsonValues(readPieces(path, signal), source, (bytes) => skimJson(bytes, WANTED));
    for await (const found of values) {
      if ('other' in found) {
        complaints.addLine(found.other);
        continue;
      }
      const place = found.line === 1 ? source : `${source}:${found.line}`;
      const reading =
        'value' in found ? readingOf(found.value, place, readings.length) : found.damage;
      if (typeof reading === 'string') complaints.addObject(`${place} ${reading}.`);
      else {
        complaints.hasResults = true;
        readings.push(reading);
      }
    }
  } catch (thrown) {
    const { code, message } = MpsbenchError.from(thrown);
    if (code === 'interrupted') throw thrown;
    complaints.addObject(message);
  }
  return complaints.sentences();
}

/** A file with more damage than this is no list of results. */
const MOST_SENTENCES = 20;

const SHOWN_CHARS = 60;

/** What a file holds besides results: as few sentences as say it, however large it is. */
class Complaints {
  hasResults = false;
  readonly #source: string;
  readonly #objects: string[] = [];
  #moreObjects = 0;
  #lines = 0;
  #firstLine = '';

  constructor(source: string) {
    this.#source = source;
  }

  addObject(sentence: string): void {
    if (this.#objects.length < MOST_SENTENCES) this.#objects.push(sentence);
    else this.#moreObjects += 1;
  }

  addLine(line: string): void {
    this.#lines += 1;
    if (this.#lines === 1) this.#firstLine = line.trim().slice(0, SHOWN_CHARS);
  }

  sentences(): string[] {
    const more = this.#moreObjects;
    return [
      ...this.#objects,
      ...(more > 0 ? [`${this.#source} holds ${more} more objects that are no results.`] : []),
      ...this.#aboutLines(),
    ];
  }

  #aboutLines(): string[] {
    if (!this.hasResults && this.#objects.length === 0) {
      return [`${this.#source} ${this.#lines > 0 ? 'is not a result of mpsbench' : 'is empty'}.`];
    }
    if (this.#lines === 0) return [];
    const lines = this.#lines === 1 ? '1 line is' : `${this.#lines} lines are`;
    return [`${this.#source}: ${lines} not part of a result, the first "${this.#firstLine}".`];
  }
}

/** The results in a folder and those below it. */
function filesOf(path: string): string[] {
  if (path === '-') return [path];
  const found = lookUp(path);
  if (!found) {
    throw new MpsbenchError(
      'usage',
      `${path} is not there or cannot be accessed.`,
      'Give fleet files or folders of results that `mpsbench bench --json FILE` wrote.',
    );
  }
  if (!found.isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.jsonl?$/.test(name))
    .sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new MpsbenchError(
    'usage',
    `${path} contains no .json files.`,
    'Results are saved with --json FILE.',
  );
}
