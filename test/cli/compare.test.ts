import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BenchResult, CompareResult } from '../../src/result/schema.js';
import { scriptedBench } from '../fakes/compared.js';
import { devicesResult } from '../fakes/results.js';
import { expectNoTrace, mpsbench } from './run.js';

let folder: string;
const file = (name: string) => join(folder, name);
const save = (name: string, result: object | string) => {
  writeFileSync(file(name), typeof result === 'string' ? result : JSON.stringify(result));
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-compare-'));
  save('base.json', scriptedBench([{}]));
  save('same.json', scriptedBench([{ seed: 2 }]));
  save('slow.json', scriptedBench([{ seed: 3, factor: 1.2 }]));
  save('linear.json', scriptedBench([{ workload: 'linear' }]));
  save('devices.json', devicesResult);
  save('half.json', JSON.stringify(scriptedBench([{}])).slice(0, 5000));
  save('empty.json', '');
  save('other.json', '[{"name": "cnn", "value": 1}]');
  save('later.json', { ...scriptedBench([{}]), schema: 99 });
  const hostile = structuredClone(scriptedBench([{ seed: 4 }])) as { rows: BenchResult['rows'] };
  save('hostile.json', {
    ...hostile,
    tool: { name: 'mpsbench', version: '\u001b[31m9|<b>`' },
  });
  save('huge.json', '');
  truncateSync(file('huge.json'), 2 ** 30);
  mkdirSync(file('folder'));
  mkdirSync(file('nothing'));
  for (const seed of [11, 12]) save(`folder/${seed}.json`, scriptedBench([{ seed }]));
});

const compare = (base: string, now: string, ...more: string[]) =>
  mpsbench(['compare', file(base), now === '-' ? now : file(now), ...more]);

describe('mpsbench compare', () => {
  it('exits with 0 if nothing is slower, and with 1 if a row is', async () => {
    const same = await compare('base.json', 'same.json');
    expect([same.code, same.stderr]).toEqual([0, '']);
    expect(same.stdout).toContain('No row is slower: 1 the same.');
    const slow = await compare('base.json', 'slow.json');
    expect(slow.code).toBe(1);
    expect(slow.stdout).toMatch(/^cnn on webgpu:0 takes (19|20|21) % longer\./);
  });

  it('accepts tolerances, and a stricter gate', async () => {
    expect((await compare('base.json', 'slow.json', '--tolerance', '30%')).code).toBe(0);
    const two = ['--tolerance', '30%', '--tolerance', 'cnn=19.9%'];
    const unclear = await compare('base.json', 'slow.json', ...two, '--unclear', 'fail');
    expect(unclear.code).toBe(1);
  });

  it('writes JSON that report shows again', async () => {
    const { stdout, code } = await compare('base.json', 'slow.json', '--json');
    expect(code).toBe(1);
    const result = JSON.parse(stdout) as CompareResult;
    expect(result).toMatchObject({
      command: 'compare',
      exitCode: 1,
      rows: [{ verdict: 'slower' }],
    });
    const again = await mpsbench(['report', '-', '--markdown'], { stdin: stdout });
    expect(again.stdout).toMatch(/\| cnn on webgpu:0 +\| slower /);
  });

  it('pools a folder, and comma-separated files', async () => {
    const { stdout } = await compare('folder', 'base.json', '--json');
    expect(JSON.parse(stdout).rows).toMatchObject([{ base: { runs: 6 }, new: { runs: 3 } }]);
    const both = `${file('base.json')},${file('same.json')}`;
    const { stdout: text } = await mpsbench(['compare', both, file('slow.json'), '--json']);
    expect(JSON.parse(text).rows).toMatchObject([{ base: { runs: 6 }, verdict: 'slower' }]);
  });

  it('reads stdin', async () => {
    const now = JSON.stringify(scriptedBench([{ seed: 5 }]));
    const { code } = await mpsbench(['compare', file('base.json'), '-'], { stdin: now });
    expect(code).toBe(0);
  });

  it('says that the results have no row in common', async () => {
    const { code, stdout } = await compare('base.json', 'linear.json');
    expect(code).toBe(2);
    expect(stdout).toContain('BASE and NEW have no row in common.');
  });

  it('neutralizes hostile text', async () => {
    const { code, stdout } = await compare('base.json', 'hostile.json');
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('\\x1b[31m9');
  });
});

describe('bad input', () => {
  it.each([
    ['none.json', /could not be read \(ENOENT\)/],
    ['nothing', /contains no \.json files/],
    ['empty.json', /is not JSON: it is empty/],
    ['half.json', /is not JSON/],
    ['other.json', /has no "schema" field/],
    ['later.json', /has schema version 99/],
    ['devices.json', /is a result of `devices`, which has no times/],
    ['huge.json', /is larger than 256 MiB: it is not an mpsbench result/],
    ['base.json', /is the same result as .*base\.json/],
  ])('%s is one sentence, and the rest is compared', async (name, message) => {
    const alone = await compare('base.json', name);
    expectNoTrace(alone);
    expect(alone.code).toBe(64);
    expect(alone.stderr).toMatch(message);
    if (name === 'nothing') return;
    const both = `${file(name)},${file('same.json')}`;
    const rest = await mpsbench(['compare', file('base.json'), both]);
    expectNoTrace(rest);
    expect([rest.code, rest.stderr]).toEqual([0, '']);
    expect(rest.stdout).toContain('1 the same');
    expect(rest.stdout.replace(/\s+/g, ' ')).toMatch(message);
  });

  it('wrong flags are usage errors', async () => {
    for (const [flags, message] of [
      [['--tolerance', 'much'], /is not a percentage/],
      [['--tolerance', 'cnm=3%'], /Did you mean "cnn"/],
      [['--unclear', 'maybe'], /Unknown value for --unclear/],
    ] as const) {
      const { code, stderr } = await compare('base.json', 'same.json', ...flags);
      expect(code).toBe(64);
      expect(stderr).toMatch(message);
    }
    expect((await mpsbench(['compare', file('base.json')])).code).toBe(64);
  });
});
