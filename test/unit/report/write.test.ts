import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutputs, emit } from '../../../src/report/write.js';
import { softwareBench } from '../../fakes/results.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-write-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

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

  it('writes to stdout and to files', async () => {
    const path = join(folder, 'a.json');
    const outputs = [
      { format: 'table', target: 'stdout' },
      { format: 'json', target: { path } },
    ] as const;
    await emit(outputs, softwareBench, options);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^The /);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(softwareBench);
  });

  it('writes everything else before it reports a failure', async () => {
    const outputs = [
      { format: 'json', target: { path: join(folder, 'no', 'a.json') } },
      { format: 'csv', target: { path: join(folder, 'a.csv') } },
      { format: 'table', target: 'stdout' },
    ] as const;
    await expect(emit(outputs, softwareBench, options)).rejects.toMatchObject({ code: 'io' });
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(written).toHaveLength(1);
  });
});
