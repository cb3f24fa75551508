/** Hostile text and files, as a user meets them: nothing reaches the terminal raw, and nothing is a defect of ours. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderJson } from '../../src/report/json.js';
import { devicesResult } from '../fakes/results.js';
import { BRIEF, mpsbench } from './run.js';

const ESCAPES = '\u001b[31mred\u009b2j\u202e\u200b\u{e0041}';
const SHOWN = '\\x1b[31mred\\x9b2j\\u202e\\u200b\\u{e0041}';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const RAW = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u{e0000}-\u{e007f}]/u;

let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-hostile-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('text from the command line', () => {
  it.each([
    [[`--js${ESCAPES}`], 64],
    [[`dev${ESCAPES}`], 64],
    [['devices', `--${ESCAPES}`], 64],
    [['help', ESCAPES], 64],
    [['report', ESCAPES], 64],
    [['bench', 'add', '--elements', ESCAPES], 64],
    [['bench', 'add', '--dtype', ESCAPES], 64],
    [['bench', ESCAPES], 64],
    [['verify', ESCAPES, '--debug'], 64],
    [['verify', '--explain', ESCAPES], 64],
    [['completion', ESCAPES], 64],
    [['devices', '--json', `/nowhere/${ESCAPES}`], 2],
  ])('is printed visibly: %j', async (args, exitCode) => {
    const { code, stdout, stderr } = await mpsbench(args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(SHOWN);
    expect(stderr).not.toMatch(RAW);
  });

  it('is shortened', async () => {
    const { code, stderr } = await mpsbench(['bench', 'add', '--dtype', 'x'.repeat(100_000)]);
    expect(code).toBe(64);
    expect(stderr.length).toBeLessThan(3_000);
    expect(stderr).toContain('more characters)');
  });
});

describe('outputs', () => {
  it('a pipe without a reader is given up, and the table is printed all the same', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const { code, stdout, stderr } = await mpsbench(['devices', '--json', path('pipe')]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `mpsbench: ${path('pipe')} is a pipe that nobody reads.\n  Start its reader first: cat ${path('pipe')} &\n`,
    });
    expect(stdout).toContain('Devices');
  });

  it('SIGTERM ends the wait for a reader, and for a writer', async () => {
    execFileSync('mkfifo', [path('mute')]);
    for (const args of [
      ['devices', '--json', path('mute')],
      ['report', path('mute')],
    ]) {
      const { code, stderr } = await mpsbench(args, {
        during: (child) => setTimeout(() => child.kill('SIGTERM'), 4_000),
      });
      expect(code).toBe(130);
      expect(stderr).toMatch(/Interrupted/);
    }
  });

  it('/dev/stdout is stdout: no table goes with it', async () => {
    const { code, stdout, stderr } = await mpsbench(['devices', '--json', '/dev/stdout']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).command).toBe('devices');
  });

  it('a read-only file is refused before anything is measured', async () => {
    writeFileSync(path('kept.json'), 'old', { mode: 0o400 });
    const { code, stdout, stderr } = await mpsbench(['bench', 'add', '--json', path('kept.json')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/is read-only\.\n {2}Make it writable/);
  });

  it('a row that saves no tensors leaves no folder', async () => {
    const args = ['bench', 'add', '--device', 'fake:0', '--placement', 'strict', ...BRIEF];
    const saving = [...args, '--save-tensors', path('tensors/deep')];
    const { code } = await mpsbench(saving, { fake: 'crash:compile' });
    expect(code).toBe(2);
    expect(existsSync(path('tensors'))).toBe(false);
  });
});

describe('the environment', () => {
  it('workers run in a folder of their own, and relative paths are those of the user', async () => {
    const module = `export const backend = {
      id: 'where',
      probe: async () => ({ state: 'unavailable', reason: process.cwd(), remedy: '' }),
      devices: async () => [],
    };`;
    writeFileSync(path('where.mjs'), module);
    const env = { MPSBENCH_BACKENDS: 'where=./where.mjs', MPSBENCH_HIDE: 'webgpu' };
    const { stdout } = await mpsbench(['devices', '--json'], { env, cwd: folder });
    const { backends, environment } = JSON.parse(stdout);
    const { reason } = backends.find(({ id }: { id: string }) => id === 'where');
    expect(reason).toMatch(/\/dist\/runner$/);
    expect(environment).toMatchObject(env);
  });

  it('a stack of 16 KiB for OpenMP threads does not reach the workers', async () => {
    const args = ['bench', 'linear', '--device', 'cpu:0', ...BRIEF, '--json'];
    const env = { OMP_STACKSIZE: '16k', ONEDNN_DEFAULT_FPMATH_MODE: 'bf16' };
    const { code, stdout } = await mpsbench(args, { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).environment).toMatchObject(env);
  });
});

describe('files', () => {
  const report = (text: string, ...flags: string[]) => {
    writeFileSync(path('r.json'), text);
    return mpsbench(['report', path('r.json'), ...flags]);
  };

  it('show their text visibly, in every format', async () => {
    const [device] = devicesResult.devices;
    const hostile = { ...device, name: ESCAPES, details: { [ESCAPES]: ESCAPES } };
    const text = JSON.stringify({ ...devicesResult, devices: [hostile] });
    for (const format of [[], ['--json'], ['--csv'], ['--markdown']]) {
      const { code, stdout, stderr } = await report(text, ...format);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.replaceAll('\r\n', '\n')).not.toMatch(RAW);
    }
  });

  it.each([
    ['{"schema": 2, \u001b[31m', /is not JSON/],
    [`{"schema": "${'\\u001b'}[2J"}`, /has schema version "\\u001b\[2J"/],
    [JSON.stringify({ ...devicesResult, command: ESCAPES }), /command/],
    [
      `${renderJson(devicesResult).trimEnd().slice(0, -1)},"x":${'['.repeat(4000)}${']'.repeat(4000)}}`,
      /nested/,
    ],
    [JSON.stringify({ ...devicesResult, devices: Array(150_000).fill({}) }), /150,000 entries/],
  ])('that are no results are refused', async (text, message) => {
    const { code, stdout, stderr } = await report(text);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(RAW);
  });

  it('keep unknown fields byte for byte', async () => {
    const [device] = devicesResult.devices;
    const unknown = { note: 'a    }  {  b\t\tc', samples: [{ iterations: 1, note: 'x   }   y' }] };
    const more = { ...devicesResult, unknown, devices: [{ ...device, unknown }] };
    const { stdout } = await report(JSON.stringify(more), '--json');
    expect(JSON.parse(stdout)).toEqual(more);
  });
});
