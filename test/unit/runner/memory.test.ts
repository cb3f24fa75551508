import { describe, expect, test } from 'vitest';
import type { DType } from '../../../src/result/dtypes.js';
import type { DeviceInfo } from '../../../src/result/schema.js';
import { requireFit } from '../../../src/runner/memory.js';
import { findWorkload } from '../../../src/workloads/registry.js';
import type { Workload } from '../../../src/workloads/types.js';

const GPU: DeviceInfo = {
  id: 'fake:0',
  backend: 'fake',
  name: 'fake GPU',
  kind: 'gpu',
  dtypes: ['f64', 'f32', 'f16'],
  details: {},
};

const add = findWorkload('add') as Workload;
const sumOf1000 = (dtype: DType, hostFreeBytes: number) => () =>
  requireFit(add, { shape: [1000], data: 'uniform' }, dtype, {
    device: GPU,
    host: { bytes: 2 * hostFreeBytes },
  });

// Two inputs of four bytes per value, the sum as it is read, and the reference in float64.
test.each([
  ['f64', 2 * 4 + 8 + 8],
  ['f32', 2 * 4 + 4 + 8],
  ['f16', 2 * 4 + 4 + 8],
] as const)('a sum in %s takes %d bytes of the host for each element', (dtype, bytes) => {
  expect(sumOf1000(dtype, 1000 * bytes)).not.toThrow();
  expect(sumOf1000(dtype, 1000 * bytes - 1)).toThrow(
    expect.objectContaining({
      code: 'out_of_memory',
      advice: 'Use --elements 512 or less (the largest power of two that could fit).',
    }),
  );
});

describe('a device that computes with tensors of less than 4 GiB', () => {
  const device: DeviceInfo = { ...GPU, id: 'metal:0', maxTensorBytes: 2 ** 32 - 1 };
  const host = { bytes: 2 ** 50 };
  const requireIt =
    (id: string, params: object, dtype: DType, isFused = false) =>
    () => {
      const workload = findWorkload(id) as Workload;
      requireFit(workload, { ...workload.presets.default, ...params }, dtype, {
        device,
        isFused: () => isFused,
        host,
      });
    };

  test('refuses the convolution that would end the process, and names a batch that fits', () => {
    expect(requireIt('cnn', { batch: 49_636 }, 'f32')).not.toThrow();
    expect(requireIt('cnn', { batch: 49_637 }, 'f32')).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringContaining('computes with a tensor of 4 GiB'),
        advice: expect.stringContaining('--batch 32768'),
      }),
    );
  });

  test('has no such limit where a fused kernel keeps no intermediate tensor', () => {
    expect(requireIt('cnn', { batch: 100_000 }, 'f32', true)).not.toThrow();
  });

  test('counts the f32 copies of 16-bit tensors', () => {
    const sizes = { rows: 32_768, features: 1, units: 32_768 };
    expect(requireIt('linear', sizes, 'f16')).toThrow('computes with a tensor of 4 GiB');
    expect(requireIt('linear', { ...sizes, rows: 32_767 }, 'f16')).not.toThrow();
  });
});
