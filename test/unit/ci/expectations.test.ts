import { expect, test } from 'vitest';
import { judge } from '../../../scripts/check/expectations.mjs';
import type { Result } from '../../../src/result/schema.js';

const wrong = { workload: 'add', device: 'metal:0', state: 'wrong', error: { message: 'differs' } };
const measured = { workload: 'add', device: 'cpu:0', state: 'measured' };
const bench = (...rows: object[]) => ({ command: 'bench', rows });
const verify = (...findings: object[]) => ({ command: 'verify', findings });
const wrongFinding = { check: 'compute.add-example', state: 'fail', subject: 'metal:0' };

const crashed = (paravirtual: boolean) => ({
  ...bench({ ...wrong, state: 'failed', error: { code: 'worker_crashed', message: 'crashed' } }),
  devices: [{ id: 'metal:0', details: { paravirtual } }],
});

test.each([
  ['a good run', 'macos-26', 0, bench(measured), 'as expected'],
  [
    'a wrong result of Metal where it was reported',
    'macos-26',
    1,
    bench(wrong, measured),
    'tolerated',
  ],
  ['… and elsewhere', 'macos-15', 1, bench(wrong, measured), 'failed'],
  ['a wrong result of the CPU', 'macos-26', 1, bench({ ...wrong, device: 'cpu:0' }), 'failed'],
  [
    'a wrong result and a crash',
    'macos-26',
    1,
    bench(wrong, { ...wrong, state: 'failed' }),
    'failed',
  ],
  ['impossibly fast', 'macos-26', 1, bench({ ...wrong, state: 'implausible' }), 'failed'],
  ['no Metal device', 'macos-26', 2, bench(wrong), 'failed'],
  ['exit code 1 without a reason', 'macos-26', 1, bench(measured), 'failed'],
  ['a crash', 'macos-26', null, bench(wrong), 'failed'],
  ['a defect of ours', 'macos-26', 70, bench(wrong), 'failed'],
  ['verify that could not check all', 'macos-15', 2, verify(), 'as expected'],
  ['verify that computes wrongly', 'macos-26', 1, verify(wrongFinding), 'tolerated'],
  ['a crash of the paravirtual GPU', 'macos-15', 2, crashed(true), 'tolerated'],
  ['… and of a real one', 'macos-15', 2, crashed(false), 'failed'],
  ['… on another image', 'macos-15', 1, verify(wrongFinding), 'failed'],
  [
    'verify with another failure',
    'macos-26',
    1,
    verify({ ...wrongFinding, check: 'compute.physics' }),
    'failed',
  ],
  ['devices without one', 'macos-26', 2, { command: 'devices' }, 'failed'],
])('%s', (_, image, exitCode, result, verdict) => {
  expect(judge({ image, exitCode, result: result as Result })).toMatchObject({ verdict });
});
