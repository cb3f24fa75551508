import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MpsbenchError } from '../../../src/errors.js';
import { checkOutputs, emit } from '../../../src/report/write.js';
import { softwareBench } from '../../fakes/results.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-write-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function failureOf(work: () => void): MpsbenchError {
  try {
    work();
  } catch (error) {
    if (error instanceof MpsbenchError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('checkOutputs', () => {
  it('refuses what cannot be written, and stdout never', () => {
    checkOutputs([
      { format: 'csv', target: 'stdout' },
      { format: 'json', target: { path: join(folder, 'a.json') } },
    ]);
    expect(readdirSync(folder)).toEqual([]);
    const outputs = [{ format: 'json', target: { path: folder } }] as const;
    expect(() => checkOutputs(outputs)).toThrow(/EISDIR/);
  });
});

describe('emit', () => {
  const written: string[] = [];
  const options = {
    colour: new Chalk({ level: 0 }),
    width: 80,
    write: (text: string) => void written.push(text),
  };

  beforeEach(() => {
    written.length = 0;
  });

  it('writes to stdout and to files', () => {
    const path = join(folder, 'a.json');
    const outputs = [
      { format: 'table', target: 'stdout' },
      { format: 'json', target: { path } },
    ] as const;
    emit(outputs, softwareBench, options);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^Machine\n/);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(softwareBench);
  });

  it('writes everything else before it reports a failure', () => {
    const outputs = [
      { format: 'json', target: { path: join(folder, 'no', 'a.json') } },
      { format: 'csv', target: { path: join(folder, 'a.csv') } },
      { format: 'table', target: 'stdout' },
    ] as const;
    const failure = failureOf(() => emit(outputs, softwareBench, options));
    expect(failure.code).toBe('io');
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(written).toHaveLength(1);
  });
});
