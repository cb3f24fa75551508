import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { NamedResult } from '../../compare/pool.js';
import { MpsbenchError } from '../../errors.js';
import { parseResult } from '../../result/parse.js';
import type { Warning } from '../../result/schema.js';
import { formatBytes } from '../../result/units.js';

/** A saved result is some megabytes; JavaScript cannot hold a text of more than 512 MiB. */
const LARGEST_BYTES = 256 * 2 ** 20;

export interface Side {
  readonly results: readonly NamedResult[];
  /** Files that were left out, a sentence each. */
  readonly warnings: readonly Warning[];
}

/** Contents that have been read, by their hash: the same result counts once, on both sides together. */
export type Seen = Map<string, string>;

/**
 * Reads every result that a side of a comparison names: files by commas, folders of .json files, or -
 * for stdin. A file that cannot be read is left out with a sentence, as long as there is another.
 * @throws MpsbenchError where nothing of it can be read: the first failure
 */
export async function readSide(side: string, spec: string, seen: Seen): Promise<Side> {
  const results: NamedResult[] = [];
  const failures: MpsbenchError[] = [];
  for (const name of filesOf(side, spec)) {
    try {
      results.push({ name, result: await readBench(name, seen) });
    } catch (thrown) {
      failures.push(MpsbenchError.from(thrown));
    }
  }
  if (results.length === 0) throw nothingToRead(side, failures);
  return {
    results,
    warnings: failures.map(({ message, advice }) => ({ name: 'unreadable', message, advice })),
  };
}

/** The names of the files; one that has a comma in its name is one file. */
function filesOf(side: string, spec: string): string[] {
  const parts = isThere(spec) ? [spec] : spec.split(',').filter((part) => part !== '');
  if (parts.length === 0) {
    throw new MpsbenchError('usage', `${side} is empty.`, 'Give it a file written with --json.');
  }
  return parts.flatMap((part) => (isFolder(part) ? resultsIn(part) : [part]));
}

function resultsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  throw new MpsbenchError(
    'usage',
    `${folder} holds no .json files.`,
    'Results are saved with --json FILE.',
  );
}

async function readBench(name: string, seen: Seen): Promise<NamedResult['result']> {
  const text = name === '-' ? await textOf(process.stdin) : readText(name);
  const source = name === '-' ? 'Standard input' : name;
  const hash = createHash('sha256').update(text.trim()).digest('hex');
  const twin = seen.get(hash);
  const result = parseResult(text, source);
  if (result.command !== 'bench') {
    throw new MpsbenchError(
      'usage',
      `${source} is a result of \`${result.command}\`, which has no times.`,
      'Give it results of mpsbench bench.',
    );
  }
  if (twin !== undefined) {
    throw new MpsbenchError(
      'usage',
      `${source} is the same result as ${twin}, so it is left out.`,
      'Measure again for another result.',
    );
  }
  seen.set(hash, source);
  return result;
}

/** A path that leads to no file is wrong usage, as in `report`. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'EISDIR'];

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > LARGEST_BYTES) {
      throw new MpsbenchError(
        'usage',
        `${file} is ${formatBytes(size)}, larger than any result.`,
        'Give it a file that was written with --json.',
      );
    }
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof MpsbenchError) throw cause;
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new MpsbenchError(
      NO_FILE.includes(code) ? 'usage' : 'io',
      `${file} could not be read (${code || message}).`,
      'Check the path; results are saved with --json FILE.',
      { cause },
    );
  }
}

function nothingToRead(side: string, failures: readonly MpsbenchError[]): MpsbenchError {
  const [first] = failures;
  if (failures.length === 1) return first;
  return new MpsbenchError(
    first.code,
    `${side} has no result: ${failures.map(({ message }) => message).join(' ')}`,
    first.advice,
    { cause: first },
  );
}

const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;
const isFolder = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
