import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import { lookUp } from '../files/look-up.js';
import { readPieces, sourceName } from '../result/read.js';
import { BatchReader } from './batch-reader.js';
import { batchesOf } from './batches.js';
import type { BatchResults } from './read-batch.js';
import { type Reading, readingOf } from './reading.js';

export interface FleetInput {
  readonly readings: readonly Reading[];
  /** What is no result, a sentence each: the rest goes on without it. */
  readonly unreadable: readonly string[];
}

/**
 * Reads results of many hosts: files and pipes that hold one or many, folders of them, or - for stdin.
 * What is no result is left out with a sentence. A few MiB are in memory, or one result.
 * @throws MpsbenchError `usage` for a path that is not there, `interrupted`
 */
export async function readFleet(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<FleetInput> {
  const readings: Reading[] = [];
  const sources = paths.flatMap(filesOf).map((path) => new Source(path, readings));
  const reader = new BatchReader();
  try {
    for (const source of sources) await source.read(reader, signal);
    await reader.finish();
  } finally {
    await reader.close();
  }
  return { readings, unreadable: sources.flatMap((source) => source.complaints.sentences()) };
}

/** A file, a pipe or stdin. */
class Source {
  readonly complaints: Complaints;
  readonly #path: string;
  readonly #name: string;
  readonly #readings: Reading[];
  #linesBefore = 0;

  /** @param readings gets the results that it holds */
  constructor(path: string, readings: Reading[]) {
    this.#path = path;
    this.#name = sourceName(path);
    this.#readings = readings;
    this.complaints = new Complaints(this.#name);
  }

  async read(reader: BatchReader, signal: AbortSignal): Promise<void> {
    try {
      for await (const batch of batchesOf(readPieces(this.#path, signal), this.#name)) {
        await reader.read(batch, (results) => this.#add(results));
      }
    } catch (thrown) {
      const { code, message } = MpsbenchError.from(thrown);
      if (code === 'interrupted') throw thrown;
      this.complaints.addObject(message);
    }
  }

  #add({ lines, found }: BatchResults): void {
    for (const one of found) {
      const line = this.#linesBefore + one.line;
      const place = line === 1 ? this.#name : `${this.#name}:${line}`;
      if ('other' in one) this.complaints.addLine(one.other);
      else if ('damage' in one) this.complaints.addObject(`${place} ${one.damage}.`);
      else if (typeof one.value === 'string') this.complaints.addObject(`${place} ${one.value}.`);
      else {
        this.complaints.hasResults = true;
        this.#readings.push(readingOf(one.value, place));
      }
    }
    this.#linesBefore += lines;
  }
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
