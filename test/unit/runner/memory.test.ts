import { expect, test } from 'vitest';
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
  requireFit(add, { shape: [1000], data: 'uniform' }, dtype, GPU, hostFreeBytes);

// Two inputs of four bytes a value, the sum as it is read, and the reference in float64.
test.each([
  ['f64', 2 * 4 + 8 + 8],
  ['f32', 2 * 4 + 4 + 8],
  ['f16', 2 * 4 + 4 + 8],
] as const)('a sum in %s takes %d bytes of the host for each element', (dtype, bytes) => {
  expect(sumOf1000(dtype, 1000 * bytes)).not.toThrow();
  expect(sumOf1000(dtype, 1000 * bytes - 1)).toThrow(
    expect.objectContaining({
      code: 'out_of_memory',
      advice: 'Take less: --elements 512 is the largest power of two that could fit.',
    }),
  );
});
