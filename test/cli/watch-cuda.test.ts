import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseResult } from '../../src/result/parse.js';
import type { WatchRecord } from '../../src/result/schema.js';
import { fakeCuda, skipReason } from './fake-cuda.js';
import { mpsbench } from './run.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'mpsbench-test-watch-cuda-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));
let files = 0;

/** Watches a program that is on the scripted cards for two seconds, or stays away. */
async function watch(script: string, { holds = true, env = {}, flags = [] as string[] } = {}) {
  const [json, holders] = [join(FOLDER, `${files++}.json`), join(FOLDER, `${files++}`)];
  const report = join(FOLDER, `${files++}.report`);
  writeFileSync(holders, '');
  const program = holds ? `echo $$ > ${holders}; sleep 2.2` : 'sleep 2.2';
  const outcome = await mpsbench(['watch', '--json', json, ...flags, '--', 'sh', '-c', program], {
    env: {
      ...fakeCuda(`${script};holders=${holders};report=${report}`),
      MPSBENCH_HIDE: 'metal',
      ...env,
    },
  });
  return { ...outcome, result: parseResult(readFileSync(json, 'utf8')) as WatchRecord };
}

describe.skipIf(skipReason !== '')('NVML', () => {
  it('says how much of the time the program was on the card', async () => {
    const { result, stderr } = await watch('plan=99:61;name=Scripted H200');
    expect(result.devices).toEqual([
      expect.objectContaining({ id: 'cuda:0', name: 'Scripted H200', scope: 'alone', held: true }),
    ]);
    expect(result.devices[0].busyShare).toBeCloseTo(0.61);
    expect(result.devices[0].memoryPeakBytes).toBe(2 ** 20);
    expect(result.devices[0].powerW?.mean).toBeCloseTo(402.5);
    expect(result.verdict).toMatchObject({ state: 'used', device: 'cuda:0' });
    expect(stderr).toContain('sh used the GPU (cuda:0) for');
  });

  it('counts by process where others are on the card, too', async () => {
    const { result } = await watch('plan=99:60;byprocess=1;processes=1');
    expect(result.devices[0]).toMatchObject({ scope: 'processes', others: 1 });
    expect(result.devices[0].usedShare).toBeLessThan(0.35);
    expect(result.devices[0].usedShare).toBeGreaterThan(0.1);
  });

  it('follows the plan over time', async () => {
    const { result } = await watch('plan=0.5:0,99:100');
    const busy = result.timeline.flatMap(({ devices }) => devices[0].busy ?? []);
    expect(busy.at(0)).toBe(0);
    expect(busy.at(-1)).toBe(1);
  });

  it('tells cards apart, as CUDA_VISIBLE_DEVICES numbers them', async () => {
    const script = 'devices=2;plan=99:5;plan.1=99:90';
    const { result } = await watch(script, { env: { CUDA_VISIBLE_DEVICES: '1,0' } });
    expect(result.verdict).toMatchObject({ state: 'used', device: 'cuda:0' });
    expect(
      result.devices.map(({ id, busyShare }) => [id, Math.round(100 * (busyShare ?? 0))]),
    ).toEqual([
      ['cuda:1', 5],
      ['cuda:0', 90],
    ]);
    const one = await watch(script, { flags: ['--device', 'cuda:0'] });
    expect(one.result.devices.map(({ id }) => id)).toEqual(['cuda:0']);
  });

  it('has no sensors on a restricted system: nothing is claimed, and the program runs', async () => {
    const { result, code } = await watch('sensors=0', { flags: ['--require-gpu'] });
    expect(result.verdict.state).toBe('not-checked');
    expect(code).toBe(2);
  });

  it('that cannot start is said so', async () => {
    const { result } = await watch('fail=nvmlInit:9', { holds: false });
    expect(result.sampling.problem).toContain('NVML cannot start: Driver Not Loaded');
    expect(result.verdict.state).toBe('not-checked');
  });
});
