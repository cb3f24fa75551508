import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedResult } from '../../compare/pool.js';
import { MpsbenchError } from '../../errors.js';
import { lookUp } from '../../files/look-up.js';
import { parseResult } from '../../result/parse.js';
import { readResultText, sourceName } from '../../result/read.js';
import type { Warning } from '../../result/schema.js';

export interface Side {
  readonly results: readonly NamedResult[];
  /** Files that were left out, a sentence each. */
  readonly warnings: readonly Warning[];
}

/** Contents that have been read, by their hash: the same result counts once, on both sides together. */
export type Seen = Map<string, string>;

/**
 * Reads every result that a side of a comparison names: files by commas, folders of .json files, - for
 * stdin, `last` for the latest bench of this user, or `last:2` for the one before it. A file that cannot be read is left out with a sentence, as long as there is another.
 * @throws MpsbenchError where nothing of it can be read: the first failure
 */
export async function readSide(
  side: string,
  spec: string,
  seen: Seen,
  signal: AbortSignal,
): Promise<Side> {
  const results: NamedResult[] = [];
  const failures: MpsbenchError[] = [];
  for (const part of filesOf(side, spec)) {
    try {
      const name = await stored(part);
      results.push({ name, result: await readBench(name, seen, signal) });
    } catch (thrown) {
      const failure = MpsbenchError.from(thrown);
      if (failure.code === 'interrupted') throw failure;
      failures.push(failure);
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

const LAST = /^last(?::(?<n>[1-9]\d*))?$/;

/** The file that `last:2` means; every other name is already that of a file. */
async function stored(name: string): Promise<string> {
  const found = isThere(name) ? null : LAST.exec(name);
  if (!found) return name;
  const { storedResult } = await import('../../result/result-store.js');
  return (await storedResult(Number(found.groups?.n ?? 1), 'bench')).path;
}

function resultsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  throw new MpsbenchError(
    'usage',
    `${folder} contains no .json files.`,
    'Results are saved with --json FILE.',
  );
}

async function readBench(
  name: string,
  seen: Seen,
  signal: AbortSignal,
): Promise<NamedResult['result']> {
  const text = await readResultText(name, signal);
  const source = sourceName(name);
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

const isThere = (path: string) => lookUp(path) !== undefined;
const isFolder = (path: string) => lookUp(path)?.isDirectory() ?? false;
