/** What --save-tensors writes, recomputed by docs/check_tensors.py with NumPy. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import type { Row } from '../../src/result/schema.js';
import { BRIEF, mpsbench } from './run.js';

const SCRIPT = fileURLToPath(new URL('../../docs/check_tensors.py', import.meta.url));
// PyTorch comes with NumPy.
const { python, reason } = testPython('pytorch');
const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-tensors-'));
afterAll(() => rmSync(temporary, { recursive: true }));

async function recompute(result: string, folder: string) {
  const run = promisify(execFile)(python as string, [SCRIPT, result, folder]);
  return run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
}

async function bench(name: string, ...args: string[]) {
  const [folder, json] = [join(temporary, name), join(temporary, `${name}.json`)];
  const outcome = await mpsbench(['bench', ...args, '--save-tensors', folder, '--json', json]);
  expect(outcome.code, outcome.stderr).toBe(0);
  return { folder, json, rows: JSON.parse(readFileSync(json, 'utf8')).rows as Row[] };
}

describe.skipIf(!python)(`saved tensors${python ? '' : ` (${reason})`}`, () => {
  it.each(['f32', 'f64', 'f16', 'bf16'])('are what NumPy gets, in %s', async (dtype) => {
    const { folder, json } = await bench(
      dtype,
      ...['all', '--device', 'cpu:0', ...BRIEF, '--dtype', dtype],
    );
    const { code, stdout } = await recompute(json, folder);
    expect(code, stdout).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(6);
    const states = readdirSync(join(folder, 'linear', 'cpu-0')).filter((file) =>
      file.startsWith('weights'),
    );
    const single = dtype.endsWith('16') ? ['weights.before_last.npy'] : [];
    expect(states.sort()).toEqual(['weights.before.npy', ...single, 'weights.npy']);
  });

  it('fail if one value of one file is wrong', async () => {
    const { folder, json } = await bench(
      'changed',
      ...['cnn', '--device', 'cpu:0', ...BRIEF, '--batch', '3', '--image', '9'],
    );
    const copy = join(temporary, 'copy');
    cpSync(folder, copy, { recursive: true });
    const file = join(copy, 'cnn', 'cpu-0', 'filters.npy');
    const bytes = readFileSync(file);
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 0.5, bytes.length - 4);
    writeFileSync(file, bytes);
    expect((await recompute(json, folder)).code).toBe(0);
    expect((await recompute(json, copy)).code).toBe(1);
  });
});

it('a row says how many steps were compared if not all were', async () => {
  const args = ['linear', '--device', 'cpu:0', ...BRIEF, '--dtype', 'bf16', '--epochs', '300'];
  const { rows } = await bench('sampled', ...args);
  expect(rows[0].verification).toMatchObject({ ok: true, iterations: { run: 300, checked: 256 } });
  const { stdout } = await mpsbench(['report', join(temporary, 'sampled.json')]);
  expect(stdout).toContain('256 of 300 iterations');
});
