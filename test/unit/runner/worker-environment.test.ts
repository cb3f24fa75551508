import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { neutralisedVariables, workerEnvironment } from '../../../src/runner/worker-environment.js';

test('OpenMP threads wait briefly before they sleep', () => {
  expect(workerEnvironment({ PATH: '/bin' })).toEqual({ PATH: '/bin', GOMP_SPINCOUNT: '1000' });
});

test.each([
  ['GOMP_SPINCOUNT', '7'],
  ['OMP_WAIT_POLICY', 'active'],
])('%s of the user is left alone', (name, value) => {
  expect(workerEnvironment({ [name]: value })).toEqual({ [name]: value });
});

const made = (env: Record<string, string>) => {
  const { GOMP_SPINCOUNT, ...rest } = workerEnvironment(env);
  return rest;
};

test('paths lead to the same files from any folder', () => {
  const cwd = process.cwd();
  expect(
    made({
      MPSBENCH_ADDON: './a.node',
      MPSBENCH_CUDA_PATH: 'cuda:/opt/cuda',
      VK_DRIVER_FILES: '../icd.json',
      LD_LIBRARY_PATH: '/lib::lib',
      MPSBENCH_BACKENDS: 'one=./one.mjs; two=/two.mjs;broken',
    }),
  ).toEqual({
    MPSBENCH_ADDON: `${cwd}/a.node`,
    MPSBENCH_CUDA_PATH: `${cwd}/cuda:/opt/cuda`,
    VK_DRIVER_FILES: resolve('../icd.json'),
    LD_LIBRARY_PATH: `/lib::${cwd}/lib`,
    MPSBENCH_BACKENDS: `one=${cwd}/one.mjs; two=/two.mjs;broken`,
  });
});

test('what would spoil a measurement is left out', () => {
  const env = { OMP_STACKSIZE: '16k', NVIDIA_TF32_OVERRIDE: '1', OMP_NUM_THREADS: '3' };
  expect(made(env)).toEqual({ OMP_NUM_THREADS: '3' });
  expect(neutralisedVariables(env).map(([name]) => name)).toEqual([
    'OMP_STACKSIZE',
    'NVIDIA_TF32_OVERRIDE',
  ]);
});

test('validation of Metal is kept with --debug', () => {
  const debugging = { MTL_DEBUG_LAYER: '1', MPSBENCH_DEBUG: '1' };
  expect(made({ MTL_DEBUG_LAYER: '1' })).toEqual({});
  expect(made(debugging)).toEqual(debugging);
  expect(neutralisedVariables(debugging)).toEqual([]);
});
