import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parseResult } from '../../src/result/parse.js';
import type { WatchRecord } from '../../src/result/schema.js';
import { mpsbench, type Outcome, type RunOptions } from './run.js';

/** Where the files of the test file are. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'mpsbench-test-watch-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

interface Script {
  readonly plan?: readonly (readonly [untilS: number, utilisation: number])[];
  readonly holders?: string;
  readonly others?: number;
  readonly byProcess?: boolean;
  readonly throws?: string;
  readonly crashes?: boolean;
}

let files = 0;
/** A path of a file that is not there yet, in a folder that goes with the test file. */
export const newFile = (suffix: string) => join(FOLDER, `${files++}${suffix}`);

/** Watches with scripted GPUs, and reads the result. */
export async function watchWith(
  monitors: readonly Script[],
  words: readonly string[],
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome & { result: WatchRecord }> {
  const json = newFile('.json');
  const outcome = await mpsbench(['watch', '--json', json, ...flags, '--', ...words], {
    fake: '',
    ...options,
    env: {
      MPSBENCH_HIDE: 'cuda,metal',
      MPSBENCH_FAKE_MONITORS: JSON.stringify(monitors),
      ...options.env,
    },
  });
  return { ...outcome, result: parseResult(readFileSync(json, 'utf8')) as WatchRecord };
}
