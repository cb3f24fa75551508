import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fleetResultSchema } from '../../src/result/schema.js';
import { alike } from '../fakes/fleet.js';
import { expectNoTrace, mpsbench } from './run.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-fleet-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('a folder with a slow host and a damaged file: the rest is compared', async () => {
  const results = join(folder, 'results');
  mkdirSync(results);
  for (const result of alike(6, { node4: { times: { cnn: 3, linear: 3 } } })) {
    writeFileSync(join(results, `${result.host.name}.json`), JSON.stringify(result, null, 2));
  }
  writeFileSync(join(results, 'half.json'), '{"schema": 2, "command": "be');
  writeFileSync(join(results, 'empty.json'), '');
  writeFileSync(join(results, 'other.json'), '{"name": "hyperfine"}');
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const [whole = ''] = alike(1).map((result) => JSON.stringify(result));
  writeFileSync(join(results, 'deep.json'), whole.replace('"params":{', `"params":{"a":${deep},`));
  const json = join(folder, 'fleet.json');
  const outcome = await mpsbench(['fleet', results, '--json', json]);
  expectNoTrace(outcome);
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toContain('node4 takes 3.0x as long for cnn on cuda:0');
  expect(outcome.stdout).toMatch(/half\.json is cut off/);
  expect(outcome.stdout).toMatch(/empty\.json is empty/);
  expect(outcome.stdout).toMatch(/deep\.json is a damaged result/);
  expect(outcome.stdout).toMatch(/other\.json is not a result of mpsbench/);
});

test('JSON lines from a pipe, and who is missing', async () => {
  const lines = alike(5).map((result) => JSON.stringify(result));
  const outcome = await mpsbench(['fleet', '-', '--expect', 'node[1-6]', '--json', '-'], {
    stdin: `${lines.join('\n')}\n`,
  });
  expect(outcome.code).toBe(2);
  const result = fleetResultSchema.parse(JSON.parse(outcome.stdout));
  expect(result.hosts.at(-1)).toMatchObject({ name: 'node6', state: 'missing' });
});

test('large inputs, of which threads read a part: the same hosts, in their order', async () => {
  const samples = `[${'1,'.repeat(2 ** 20)}1]`;
  const lines = alike(30, { node25: { times: { cnn: 2, linear: 3 } } }).map((result) =>
    JSON.stringify(result).replace('"blocks":', `"raw":${samples},"blocks":`),
  );
  lines[27] = `${lines[27].slice(0, -2)},,}`;
  const path = file('large.jsonl', lines.join('\n'));
  const outcome = await mpsbench(['fleet', path, '--json', '-']);
  expect(outcome.code).toBe(1);
  const { hosts, outliers, warnings } = fleetResultSchema.parse(JSON.parse(outcome.stdout));
  const places = lines.map((_, at) => (at === 0 ? path : `${path}:${at + 1}`));
  expect(hosts.map(({ source }) => source)).toEqual(places.toSpliced(27, 1));
  expect(outliers.map(({ host }) => host)).toEqual(['node25']);
  expect(warnings.map(({ message }) => message)).toEqual([`${path}:28 is not JSON.`]);
});

test('all alike is 0', async () => {
  const lines = alike(5).map((result) => JSON.stringify(result));
  const outcome = await mpsbench(['fleet', file('all.jsonl', lines.join('\n'))]);
  expect(outcome.stdout).toContain('All 5 hosts are sound and like the others of their kind.');
  expect(outcome.code).toBe(0);
});

test('a damaged result among sound ones is 2: a host may be missing', async () => {
  const lines = [...alike(5).map((result) => JSON.stringify(result)), '{"schema": 2, "comm'];
  const outcome = await mpsbench(['fleet', file('damaged.jsonl', lines.join('\n'))]);
  expect(outcome.stdout.replace(/\s+/g, ' ')).toMatch(
    /All 5 hosts are sound .* 1 input could not be read\./,
  );
  expect(outcome.code).toBe(2);
});

test('hostile names stay text', async () => {
  const [first, ...rest] = alike(5);
  const hostile = { ...first, host: { ...first?.host, name: 'a\u001b[31m\u202eb' } };
  const lines = [hostile, ...rest].map((result) => JSON.stringify(result));
  const outcome = await mpsbench([
    'fleet',
    file('h.jsonl', lines.join('\n')),
    '--expect',
    'x\u001b[2J',
  ]);
  for (const raw of ['\u001b[31m', '\u001b[2J', '\u202e']) {
    expect(outcome.stdout).not.toContain(raw);
  }
});

test('nothing to read is wrong usage', async () => {
  expect((await mpsbench(['fleet'])).code).toBe(64);
  expect((await mpsbench(['fleet', join(folder, 'nowhere')])).code).toBe(64);
  const long = 'n'.repeat(300);
  for (const words of [
    ['fleet', long],
    ['compare', long, long],
  ]) {
    expect(await mpsbench(words)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(long),
    });
  }
});

/** A scripted ssh: it "reaches" hosts by what their names say. */
function fakeSsh(): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const [result] = alike(1);
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  const script = `#!/bin/sh
for word; do case $word in
  good*) cat '${join(folder, 'result.json')}'; exit 0;;
  motd*) echo 'Welcome!'; cat '${join(folder, 'result.json')}'; exit 0;;
  slow*) sed 's/"median":[0-9.]*/"median":9000000/g' '${join(folder, 'result.json')}'; exit 0;;
  hang*) sleep 600;;
  dead*) echo 'No route to host' >&2; exit 255;;
  lacks*) echo 'mpsbench: not found' >&2; exit 127;;
  garbage*) echo 'Segmentation fault'; exit 0;;
esac; done
`;
  writeFileSync(join(bin, 'ssh'), script);
  chmodSync(join(bin, 'ssh'), 0o755);
  return `${bin}${delimiter}${process.env.PATH}`;
}

test('fleet run over a scripted ssh: each kind of trouble costs its host', async () => {
  const PATH = fakeSsh();
  const hosts = file('hosts', 'good[1-3]\nmotd1\nslow1\nhang1\ndead1\nlacks1\ngarbage1\n');
  const args = ['fleet', 'run', '--launcher', 'ssh', '--hosts', hosts, '--host-timeout', '5'];
  const outcome = await mpsbench([...args, '--json', '-', '--', 'bench', 'all', '--quick'], {
    env: { PATH },
  });
  expectNoTrace(outcome);
  expect(outcome.code).toBe(1);
  const { hosts: found } = fleetResultSchema.parse(JSON.parse(outcome.stdout));
  const states = Object.fromEntries(found.map(({ name, state, why }) => [name, [state, why]]));
  expect(states).toMatchObject({
    good1: ['ok', undefined],
    motd1: ['ok', undefined],
    slow1: ['outlier', undefined],
    hang1: ['unchecked', 'no answer within 5 s'],
    dead1: ['unchecked', expect.stringContaining('could not be reached')],
    lacks1: ['unchecked', expect.stringContaining('mpsbench is not installed there')],
    garbage1: ['unchecked', 'it printed no result'],
  });
});

test('fleet run refuses what cannot work before it starts', async () => {
  const run = (...args: string[]) => mpsbench(['fleet', 'run', '--launcher', ...args]);
  expect((await run('ssh', '--', 'bench', 'all')).stderr).toContain('needs --hosts FILE');
  expect((await run('ssh', '--hosts', '/dev/null', '--', 'verify')).code).toBe(64);
  expect((await run('ssh', '--hosts', '/dev/null', '--', 'bench', '--json')).code).toBe(64);
  const none = await mpsbench(['fleet', 'run', '--launcher', 'slurm', '--', 'bench', 'all'], {
    env: { PATH: folder, SLURM_JOB_NODELIST: undefined },
  });
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('Name them with --nodelist');
});
