/** Cards that MIG splits into instances, played by fake NVIDIA libraries. */
import { describe, expect, it } from 'vitest';
import { type BenchResult, type DevicesResult, resultSchema } from '../../src/result/schema.js';
import { fakeCuda, skipReason } from './fake-cuda.js';
import { mpsbench } from './run.js';

/** The first of two cards has three instances. */
const SPLIT = 'devices=2;mig.0=1;instances.0=3;memory=3221225472';
const [FIRST, SECOND, THIRD] = ['a0a0a0', 'a1a1a1', 'a2a2a2'].map((rest) => {
  const pair = rest.slice(0, 2);
  return `MIG-10${rest}-${pair.repeat(2)}-${pair.repeat(2)}-${pair.repeat(2)}-${pair.repeat(6)}`;
});
const SPLIT_CARD = 'GPU-10101010-1010-1010-1010-101010101010';
const WHOLE_CARD = 'GPU-11111111-1111-1111-1111-111111111111';

async function cards(script: string, env: Record<string, string> = {}) {
  const { stdout } = await mpsbench(['devices', '--json'], {
    env: { ...fakeCuda(script), ...env },
  });
  const { devices, backends } = resultSchema.parse(JSON.parse(stdout)) as DevicesResult;
  return {
    devices: devices.filter(({ backend }) => backend === 'cuda'),
    cuda: backends.find(({ id }) => id === 'cuda'),
  };
}

const uuids = async (visible: string) => {
  const { devices } = await cards(SPLIT, { CUDA_VISIBLE_DEVICES: visible });
  return devices.map(({ uuid }) => uuid);
};

const title = `MIG${skipReason && ` (${skipReason})`}`;
describe.skipIf(skipReason)(title, { timeout: 240_000 }, () => {
  it('lists instances as devices with their parent, and whole cards beside them', async () => {
    const { devices } = await cards(SPLIT);
    expect(devices.map(({ id, uuid, visibleAs }) => [id, uuid, visibleAs])).toEqual([
      ['cuda:0', FIRST, FIRST],
      ['cuda:1', SECOND, SECOND],
      ['cuda:2', THIRD, THIRD],
      ['cuda:3', WHOLE_CARD, WHOLE_CARD],
    ]);
    const [, second, , whole] = devices;
    expect(second.mig).toEqual({ parent: SPLIT_CARD, gpuInstance: 8, computeInstance: 0 });
    expect(second).toMatchObject({ name: 'Fake GPU MIG 1of3', memoryBytes: 2 ** 30 });
    expect(second.details.multiprocessors).toBe(44);
    expect(second.peak?.gbPerS).toBeUndefined();
    expect(whole.mig).toBeUndefined();
    expect(whole).toMatchObject({ name: 'Fake GPU', memoryBytes: 3 * 2 ** 30 });
  });

  it('CUDA_VISIBLE_DEVICES chooses and orders instances and cards', async () => {
    expect(await uuids(`${THIRD},${FIRST}`)).toEqual([THIRD, FIRST]);
    expect(await uuids(`1,${SECOND}`)).toEqual([WHOLE_CARD, SECOND]);
    expect(await uuids('0')).toEqual([FIRST, SECOND, THIRD]);
    expect(await uuids(WHOLE_CARD)).toEqual([WHOLE_CARD]);
    expect(await uuids(`${SECOND},nonsense,${FIRST}`)).toEqual([SECOND]);
  });

  it('measures each instance in a process of its own, with the sensors of its card', async () => {
    const brief = ['--runs', '1', '--time', '0.05', '--warmup', '0.01', '--precision', '20'];
    const { stdout, code } = await mpsbench(
      ['bench', 'add', '--preset', 'example', ...brief, '--device', 'cuda:*', '--json'],
      { env: fakeCuda(`nodens=20;${SPLIT};power.0=100000;power.1=200000`) },
    );
    const { rows } = resultSchema.parse(JSON.parse(stdout)) as BenchResult;
    expect(code).toBe(0);
    expect(rows.map(({ device, state }) => `${device} ${state}`)).toEqual([
      'cuda:0 measured',
      'cuda:1 measured',
      'cuda:2 measured',
      'cuda:3 measured',
    ]);
    const readings = rows.map(({ measurement }) => measurement?.telemetry?.before);
    expect(readings.map((reading) => reading?.powerW)).toEqual([100, 100, 100, 200]);
    expect(readings.map((reading) => reading?.utilisation !== undefined)).toEqual([
      ...[false, false, false],
      true,
    ]);
    // The energy of the card is not that of an instance.
    expect(readings.map((reading) => reading?.energyJ !== undefined)).toEqual([
      ...[false, false, false],
      true,
    ]);
  });

  it('says what to do with a card that has no instance', async () => {
    const { devices, cuda } = await cards('mig=1');
    expect(devices).toEqual([]);
    expect(cuda?.state).toBe('unavailable');
    expect(cuda?.remedy).toContain('nvidia-smi mig -cgi');
  });
});
