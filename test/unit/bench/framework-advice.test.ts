import { describe, expect, test } from 'vitest';
import { frameworkAdvice } from '../../../src/bench/framework-advice.js';
import { cpuOnlyWarnings, withCause } from '../../../src/bench/framework-causes.js';
import { MissingGpuError } from '../../../src/bench/select-frameworks.js';
import { MpsbenchError } from '../../../src/errors.js';
import type { Interpreter } from '../../../src/frameworks/interpreters.js';
import type { DeviceInfo, Row } from '../../../src/result/schema.js';
import { cudaBench } from '../../fakes/results.js';

function device(id: string, mode = 'eager', more: Partial<DeviceInfo> = {}): DeviceInfo {
  const [backend = '', kind = ''] = id.split(/[:+]/);
  const name = backend.split('@')[0] ?? '';
  return {
    id,
    backend,
    name: kind,
    kind: kind === 'cpu' ? 'cpu' : 'integrated',
    dtypes: ['f32'],
    framework: { name, version: '2.9.0', mode, python: '/env/bin/python' },
    details: {},
    ...more,
  };
}

function row(id: string, medianNs: number, more: Partial<Row> = {}): Row {
  const [first] = cudaBench.rows;
  if (!first) throw new Error('the fake has no row');
  return { ...first, device: id, state: 'measured', medianNs, startup: undefined, ...more };
}

function advice(rows: readonly Row[], devices: readonly DeviceInfo[]) {
  const found = frameworkAdvice(rows, new Map(devices.map((one) => [one.id, one])));
  return found.map(({ name, message }) => `${name}: ${message}`);
}

const mps = device('pytorch:mps');
const startup = { compileNs: 0, dispatchNs: 9000 };

describe('advice for a framework', () => {
  test('whose time is mostly dispatch', () => {
    expect(advice([row('pytorch:mps', 10_000, { startup })], [mps])).toEqual([
      expect.stringMatching(
        /^dispatch-bound: \w+ on pytorch:mps: about 90 % of the 10\.00 µs is PyTorch's own dispatch \(9\.000 µs\)/,
      ),
    ]);
    expect(advice([row('pytorch:mps', 100_000, { startup })], [mps])).toEqual([]);
  });

  test('whose CPU is faster than its GPU, in the same case only', () => {
    const devices = [mps, device('pytorch:cpu'), device('jax:cpu', 'jit')];
    const gpu = row('pytorch:mps', 30_000);
    expect(advice([gpu, row('pytorch:cpu', 10_000)], devices)).toEqual([
      expect.stringMatching(/^cpu-faster: .*PyTorch is 3\.00x as fast on pytorch:cpu/),
    ]);
    expect(advice([gpu, row('pytorch:cpu', 90_000)], devices)).toEqual([]);
    expect(advice([gpu, row('pytorch:cpu', 10_000, { dtype: 'f16' })], devices)).toEqual([]);
    expect(advice([gpu, row('jax:cpu', 10_000)], devices)).toEqual([]);
  });

  test('that is right as it is and wrong when compiled', () => {
    const devices = [mps, device('pytorch:mps+compile', 'compile')];
    const wrong = row('pytorch:mps+compile', 1, { state: 'wrong' });
    expect(advice([row('pytorch:mps', 10), wrong], devices)).toEqual([
      expect.stringMatching(/^wrong-when-compiled: .*mode "compile" miscomputes it/),
    ]);
    expect(advice([row('pytorch:mps', 10, { state: 'wrong' }), wrong], devices)).toEqual([]);
  });

  test('whose Keras optimizer is slow on Metal', () => {
    const program = (form: string, ns: number) => ({
      ...{ form, ok: true, wallNs: ns, iterations: 100, output: [], notes: [] },
      phases: [{ name: 'epoch', ns }],
    });
    const programs = [program('keras', 9e6), program('function', 1e6)];
    const slow = row('tensorflow:gpu', 10, { programs });
    const metal = device('tensorflow:gpu', 'function', { details: { 'built for': 'Metal' } });
    expect(advice([slow], [metal])).toEqual([expect.stringContaining('slow-keras-optimizer')]);
    expect(advice([slow], [{ ...metal, details: { 'built for': 'CUDA 12.9' } }])).toEqual([]);
  });
});

describe('a framework that does not reach the GPU', () => {
  const interpreter: Interpreter = {
    ...{ backend: 'pytorch', framework: 'pytorch', python: '/env/bin/python' },
    ...{ prefix: '/env', distribution: 'torch', version: '2.9.0' },
  };
  const cause = { rule: 'torch-cpu-build', message: 'It is a CPU build.', advice: 'Install it.' };
  const find = async () => cause;
  const gpu = { ...device('metal:0'), name: 'Apple M3', framework: undefined };
  const cpu = device('pytorch:cpu');
  const found = (devices: DeviceInfo[]) => ({ backends: [], devices, fused: {} });

  test('is a warning beside the GPU, with the rule of verify', async () => {
    const chosen = { devices: [gpu, cpu] };
    expect(await cpuOnlyWarnings(chosen, found([gpu, cpu]), [interpreter], find)).toEqual([
      {
        name: 'framework-without-gpu',
        message:
          'PyTorch 2.9.0 runs on the CPU only, although this machine has Apple M3: It is a CPU build. [torch-cpu-build]',
        advice: 'Install it.',
      },
    ]);
    const without = [found([cpu]), found([gpu, cpu, mps])];
    for (const one of without) {
      expect(await cpuOnlyWarnings(chosen, one, [interpreter], find)).toEqual([]);
    }
  });

  test('and was asked for it: the error names the rule', async () => {
    const error = new MissingGpuError('pytorch', 'PyTorch has no device cuda here.');
    const explained = await withCause(error, [interpreter], find);
    expect(explained.toJSON()).toEqual({
      code: 'unavailable',
      message: 'PyTorch has no device cuda here. It is a CPU build.',
      advice: 'Install it.',
      rule: 'torch-cpu-build',
    });
    const other = new MpsbenchError('unavailable', 'no such device');
    expect(await withCause(other, [interpreter], find)).toBe(other);
  });
});
