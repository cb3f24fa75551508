import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import { requireSize } from '../result/bounds.js';
import { readResultText, sourceName } from '../result/read.js';
import { type Reading, readingOf } from './reading.js';

/** Input that is no result: the rest goes on without it. */
export interface Unreadable {
  readonly source: string;
  /** A sentence. */
  readonly message: string;
}

export interface FleetInput {
  readonly readings: readonly Reading[];
  readonly unreadable: readonly Unreadable[];
}

/**
 * Reads results of many hosts: files of one result or of one per line, folders of them, or - for
 * stdin. What is no result is left out with a sentence. One result at a time is in memory.
 * @throws MpsbenchError `usage` for a path that is not there, `interrupted`
 */
export async function readFleet(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<FleetInput> {
  const readings: Reading[] = [];
  const unreadable: Unreadable[] = [];
  for (const path of paths.flatMap(filesOf)) {
    if (signal.aborted) throw new MpsbenchError('interrupted', 'Interrupted.');
    const add = (value: unknown, source: string) => {
      const reading = readingOf(value, source, readings.length);
      if (typeof reading === 'string')
        unreadable.push({ source, message: `${source} ${reading}.` });
      else readings.push(reading);
    };
    await readFile(path, signal, add, (source, message) => unreadable.push({ source, message }));
  }
  return { readings, unreadable };
}

type Add = (value: unknown, source: string) => void;
type Refuse = (source: string, message: string) => void;

/** A file is one result, or one per line: its first line tells. */
async function readFile(path: string, signal: AbortSignal, add: Add, refuse: Refuse) {
  const source = sourceName(path);
  if (isRegularFile(path) && (await beginsWithWholeValue(path))) {
    return readLines(path, source, add, refuse);
  }
  let text: string;
  try {
    text = await readResultText(path, signal);
  } catch (thrown) {
    const { code, message } = MpsbenchError.from(thrown);
    if (code === 'interrupted') throw thrown;
    return refuse(source, message);
  }
  const value = parse(text);
  if (value !== undefined) return add(value, source);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const first = lines[0] && parse(lines[0]);
  if (first === undefined) {
    const what = text.trim() === '' ? 'is empty' : 'is not JSON';
    return refuse(source, `${source} ${what}.`);
  }
  for (const [at, line] of lines.entries()) addLine(line, `${source}:${at + 1}`, add, refuse);
}

async function readLines(path: string, source: string, add: Add, refuse: Refuse): Promise<void> {
  let at = 0;
  try {
    for await (const line of linesOf(path)) {
      at += 1;
      if (line.trim() !== '') addLine(line, at === 1 ? source : `${source}:${at}`, add, refuse);
    }
  } catch (thrown) {
    refuse(source, MpsbenchError.from(thrown).message);
  }
}

const NEWLINE = 10;

/**
 * The lines of a file: readline takes three times as long where lines are long.
 * @throws MpsbenchError `usage` for a line that no result can have
 */
async function* linesOf(path: string): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      pieces.push(chunk.subarray(from, to));
      yield pieces.length === 1 ? pieces[0].toString() : Buffer.concat(pieces).toString();
      pieces = [];
      bytes = 0;
      from = to + 1;
    }
    pieces.push(chunk.subarray(from));
    bytes += chunk.length - from;
    requireSize(bytes, path);
  }
  yield Buffer.concat(pieces).toString();
}

function addLine(line: string, source: string, add: Add, refuse: Refuse): void {
  const value = parse(line);
  if (value === undefined) refuse(source, `${source} is not JSON.`);
  else add(value, source);
}

/** Whether the first line of a file is JSON by itself: then every line is a result. */
async function beginsWithWholeValue(path: string): Promise<boolean> {
  try {
    for await (const first of linesOf(path)) return first.length > 2 && parse(first) !== undefined;
  } catch {
    // Reading it as a whole says why.
  }
  return false;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

const isRegularFile = (path: string) =>
  path !== '-' && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);

/** The results in a folder and those below it. */
function filesOf(path: string): string[] {
  if (path === '-') return [path];
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    throw new MpsbenchError(
      'usage',
      `${path} is not there.`,
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
    `${path} holds no .json files.`,
    'Results are saved with --json FILE.',
  );
}
