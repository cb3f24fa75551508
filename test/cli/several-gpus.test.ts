/** Several GPUs in one machine, played by fake NVIDIA libraries. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { type BenchResult, type DevicesResult, resultSchema } from '../../src/result/schema.js';
import { fakeCuda, skipReason } from './fake-cuda.js';
import { mpsbench } from './run.js';

const STEP = ['add', '--preset', 'example'];
const BRIEF = ['--runs', '1', '--time', '0.05', '--warmup', '0.01', '--precision', '20'];

async function bench(args: readonly string[], script: string, env: Record<string, string> = {}) {
  const outcome = await mpsbench(['bench', ...STEP, ...BRIEF, ...args, '--json'], {
    // Shorter than what a launch of the fake takes by the clock of the host.
    env: { ...fakeCuda(`nodens=20;${script}`), ...env },
  });
  return { ...outcome, result: resultSchema.parse(JSON.parse(outcome.stdout)) as BenchResult };
}

const states = ({ rows }: BenchResult) => rows.map(({ device, state }) => `${device} ${state}`);
const named = ({ warnings }: BenchResult, name: string) =>
  warnings.filter((warning) => warning.name === name).map(({ message }) => message);

/** Each card has a process of its own, and the machine may be busy. */
const TIMEOUT_MS = 240_000;

const title = `several GPUs${skipReason && ` (${skipReason})`}`;
describe.skipIf(skipReason)(title, { timeout: TIMEOUT_MS }, () => {
  it('8 cards are measured by a star, in turn', async () => {
    const { result, code } = await bench(['--device', 'cuda:*'], 'devices=8');
    expect(code).toBe(0);
    expect(states(result)).toEqual(Array.from({ length: 8 }, (_, card) => `cuda:${card} measured`));
    expect(named(result, 'odd-device')).toEqual([]);
  });

  it('CUDA_VISIBLE_DEVICES hides and reorders them: sensors are those of the UUID', async () => {
    const script = 'devices=4;power.0=100000;power.1=200000;power.2=300000;power.3=400000';
    const { result } = await bench(['--device', 'cuda:*'], script, {
      CUDA_VISIBLE_DEVICES: 'GPU-13131313-1313-1313-1313-131313131313,1',
    });
    expect(result.devices.map(({ uuid }) => uuid)).toEqual([
      'GPU-13131313-1313-1313-1313-131313131313',
      'GPU-11111111-1111-1111-1111-111111111111',
    ]);
    const watts = result.rows.map(({ measurement }) => measurement?.telemetry?.before.powerW);
    expect(watts).toEqual([400, 200]);
    const { stdout } = await mpsbench(['devices', '--json'], {
      env: { ...fakeCuda(script), CUDA_VISIBLE_DEVICES: '2,0' },
    });
    const { devices } = resultSchema.parse(JSON.parse(stdout)) as DevicesResult;
    const cards = devices.filter(({ backend }) => backend === 'cuda');
    expect(cards.map(({ pciId }) => pciId)).toEqual(['0000:19:00.0', '0000:17:00.0']);
  });

  it.each([
    ['CUDA counts the fastest first', undefined, [300, 100, 200]],
    ['CUDA_DEVICE_ORDER=PCI_BUS_ID counts as nvidia-smi does', 'PCI_BUS_ID', [100, 200, 300]],
  ])('%s: sensors follow', async (_, order, expected) => {
    const script = 'devices=3;speed.2=2;power.0=100000;power.1=200000;power.2=300000';
    const { result } = await bench(['--device', 'cuda:*'], script, {
      ...(order && { CUDA_DEVICE_ORDER: order }),
    });
    const watts = result.rows.map(({ measurement }) => measurement?.telemetry?.before.powerW);
    expect(watts).toEqual(expected);
  });

  it('a slow one is named by bench, with what held it back', async () => {
    const script = 'devices=4;nodens.2=30;throttle.2=0x4';
    const { result, code } = await bench(['--device', 'cuda:*'], script);
    expect(code).toBe(0);
    const [odd, ...others] = named(result, 'odd-device');
    expect(others).toEqual([]);
    expect(odd).toMatch(/^cuda:2 is the odd one of 4 Fake GPU for add: 50 % slower/);
    expect(odd).toContain('It was held back: power limit.');
  });

  it('of two that differ, none is called odd', async () => {
    const { result } = await bench(['--device', 'cuda:0,cuda:1'], 'devices=2;nodens.1=24');
    expect(named(result, 'unequal-devices')).toEqual([
      expect.stringMatching(/^cuda:1 takes 20 % longer than cuda:0 for add/),
    ]);
  });

  it('one that is lost in the middle costs its row only', async () => {
    // What the kernel logs of it, as root reads it.
    const tools = mkdtempSync(join(tmpdir(), 'mpsbench-dmesg-'));
    const log = 'NVRM: Xid (PCI:0000:18:00): 48, pid=1, name=node, DBE';
    const script = `#!/bin/sh\nread now rest < /proc/uptime\necho "[ $now] ${log}"\n`;
    writeFileSync(join(tools, 'dmesg'), script, { mode: 0o755 });
    const { result, code } = await bench(
      ['--device', 'cuda:*'],
      'devices=4;sticky=cuGraphLaunch:214:40:1',
      { PATH: `${tools}:${process.env.PATH}` },
    );
    expect(code).toBe(2);
    expect(states(result)).toEqual([
      'cuda:0 measured',
      'cuda:1 failed',
      'cuda:2 measured',
      'cuda:3 measured',
    ]);
    const { error } = result.rows[1];
    expect(error?.code).toBe('device_lost');
    expect(error?.message).toContain('CUDA_ERROR_ECC_UNCORRECTABLE');
    expect(error?.message).toContain("NVIDIA's driver logged Xid 48: double-bit ECC error.");
    expect(error?.advice).toContain("The card's memory is failing");
  });

  it('--together measures them alone and at the same time', async () => {
    const { result } = await bench(['--device', 'cuda:0,cuda:1', '--together'], 'devices=2');
    expect(result.rows.map(({ together }) => together?.with)).toEqual([['cuda:1'], ['cuda:0']]);
    for (const { together } of result.rows) expect(together?.ratio).toBeGreaterThan(0);
    const alone = await bench(['--device', 'cuda:0', '--together'], 'devices=2');
    expect(alone.result.rows[0].together).toBeUndefined();
    expect(named(alone.result, 'no-together')).toHaveLength(1);
  });
});
