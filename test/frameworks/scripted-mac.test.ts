/**
 * The paths of the drivers that need a Mac, on fake modules (test/fakes/mac-frameworks): how devices are named, where the
 * drivers wait, what they refuse, and how a fallback is told. Not a run on a Mac.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { GraphBuilder } from '../../src/graph/builder.js';
import type { DType } from '../../src/result/dtypes.js';
import { benchResultSchema } from '../../src/result/schema.js';
import { BRIEF, mpsbench } from '../cli/run.js';
import { scriptedMac } from '../fakes/scripted-mac.js';
import { DriverProcess } from './driver-process.js';

/** An environment that has numpy. */
const { python = '', reason } = testPython('jax');

interface Played {
  readonly framework: string;
  readonly kind: string;
  readonly device: object;
  readonly mode: string;
  readonly add: string;
  /** What waits for the GPU; MLX evaluates in every iteration. */
  readonly wait: string;
  readonly everyIteration?: true;
  /** What is settled when the device is opened. */
  readonly opens: readonly string[];
  readonly whyFallback?: RegExp;
}

const PLAYED: readonly Played[] = [
  {
    framework: 'pytorch',
    kind: 'mps',
    device: { name: 'Apple GPU', isGpu: true, dtypes: ['f32', 'f16', 'bf16'] },
    mode: 'eager',
    add: 'add on mps',
    wait: 'torch.mps.synchronize',
    opens: [],
    whyFallback: /will fall back to run on the CPU/,
  },
  {
    framework: 'tensorflow',
    kind: 'gpu',
    device: { name: 'METAL', dtypes: ['f32', 'f16', 'bf16'], modes: ['function', 'eager'] },
    mode: 'function',
    add: 'add',
    wait: 'tf.test.experimental.sync_devices',
    opens: ['set_memory_growth'],
    whyFallback: /TensorFlow ran AddV2 on the CPU/,
  },
  {
    framework: 'jax',
    kind: 'gpu',
    device: { name: 'Metal', dtypes: ['f32', 'f16', 'bf16'], details: { platform: 'METAL' } },
    mode: 'jit',
    add: 'add on METAL',
    wait: 'block_until_ready',
    opens: ['jax_default_matmul_precision=highest'],
  },
  {
    framework: 'mlx',
    kind: 'gpu',
    device: { name: 'Apple M3', memoryBytes: 16 * 2 ** 30, dtypes: ['f32', 'f16', 'bf16'] },
    mode: 'lazy',
    add: 'add',
    wait: 'mx.eval',
    everyIteration: true,
    opens: ['set_default_device gpu'],
  },
];

function addGraph(dtype: DType) {
  const g = new GraphBuilder('add', dtype);
  return g.build([g.elementwise('op', 'add', g.input('a', [2]), g.input('b', [2]))]);
}

describe.skipIf(!python)(`drivers on the fake frameworks of a Mac ${reason}`, () => {
  describe.each(PLAYED)('$framework', (played) => {
    const { framework, kind, mode, add, wait, everyIteration = false } = played;
    const folder = mkdtempSync(join(tmpdir(), 'mpsbench-mac-'));
    const mac = scriptedMac(folder, python);
    let driver: DriverProcess;

    beforeAll(async () => {
      driver = new DriverProcess(mac.interpreter, framework);
    });
    afterAll(async () => {
      await driver.end();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = (iterations: number, how: string) =>
      driver.get('run', { iterations, mode: how }).then(() => mac.takeCalls());

    it('names its GPU, which has no f64', async () => {
      const { devices, whyNoGpu } = await driver.get('describe');
      expect(devices).toContainEqual(expect.objectContaining({ ...played.device, kind, index: 0 }));
      expect(whyNoGpu).toBeUndefined();
    });

    it('waits for the GPU before and after a group, or after each iteration', async () => {
      await driver.open(kind);
      expect(mac.takeCalls()).toEqual(expect.arrayContaining([...played.opens]));
      await driver.build(addGraph('f32'), mode);
      await driver.write('a', new Float32Array([1, 2]));
      await driver.write('b', new Float32Array([10, 20]));
      await run(1, 'latency');
      const each = [add, wait, add, wait, add, wait];
      const once = everyIteration ? each : [wait, add, add, add, wait];
      expect(await run(3, 'throughput')).toEqual(once);
      expect(await run(3, 'latency')).toEqual(everyIteration ? each : [wait, ...each]);
      expect([...(await driver.read(addGraph('f32'), 'op'))]).toEqual([11, 22]);
    });

    it('says that the op ran there', async () => {
      const { ops } = await driver.get('trace');
      expect(ops).toMatchObject([{ op: 'op', placed: kind, evidence: 'reported' }]);
    });
  });

  const FALLING = PLAYED.filter(({ whyFallback }) => whyFallback);
  it.each(FALLING)(
    '$framework: an op that fell back is on the CPU, with the reason',
    async (played) => {
      const folder = mkdtempSync(join(tmpdir(), 'mpsbench-mac-'));
      const { interpreter } = scriptedMac(folder, python, { fallback: true });
      const driver = new DriverProcess(interpreter, played.framework);
      try {
        await driver.open(played.kind);
        await driver.build(addGraph('f32'), played.mode);
        await driver.get('run', { iterations: 1, mode: 'latency' });
        const { ops } = await driver.get('trace');
        expect(ops).toMatchObject([
          { op: 'op', placed: 'cpu', reason: expect.stringMatching(played.whyFallback ?? /./) },
        ]);
      } finally {
        await driver.end();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('PyTorch itself refuses float64 on MPS: unsupported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mpsbench-mac-'));
    const driver = new DriverProcess(scriptedMac(folder, python).interpreter, 'pytorch');
    try {
      await driver.open('mps');
      const request = { graph: addGraph('f64'), mode: 'eager', folder: driver.folder };
      expect(await driver.fail('build', request)).toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining("doesn't support float64"),
      });
    } finally {
      await driver.end();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.skipIf(!python)(`bench on the fake frameworks of a Mac ${reason}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-mac-'));
  try {
    scriptedMac(join(folder, 'env'), python);
    const file = join(folder, 'r.json');
    const command = ['bench', 'add', ...BRIEF, '--elements', '64', '--json', file];
    const where = ['--device', 'pytorch,tensorflow,jax,mlx', '--python', join(folder, 'env')];
    const { code } = await mpsbench([...command, ...where]);
    const { rows, devices } = benchResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(rows.map(({ device, state }) => [device, state])).toEqual([
      ['pytorch:mps', 'measured'],
      ['tensorflow:gpu', 'measured'],
      ['jax:gpu', 'measured'],
      ['mlx:gpu', 'measured'],
    ]);
    expect(devices.map(({ framework }) => framework?.environment)).toContainEqual(
      expect.objectContaining({ XLA_PYTHON_CLIENT_PREALLOCATE: 'false' }),
    );
    expect(code).toBe(0);
    const f64 = await mpsbench(['bench', 'add', ...BRIEF, '--dtype', 'f64', ...where]);
    expect(f64.stdout).toContain('PyTorch has no f64 on mps: Metal has no 64-bit floats');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
